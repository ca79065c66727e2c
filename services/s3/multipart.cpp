// Multipart uploads: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#include "core/text.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace multipart_rules {

// Checksums that the upload is to have: which, and over what.
void read_checksum_kind(const Json& input, Upload& upload) {
  const std::string name = text_of(input, members::ChecksumAlgorithm);
  const std::string type = text_of(input, members::ChecksumType);
  if (name.empty()) {
    if (!type.empty()) {
      throw errors::invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
          "header.");
    }
    upload.full_object = true;
    return;
  }
  const auto algorithm = algorithm_of(name);
  if (!algorithm) {
    throw errors::invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  upload.algorithm = *algorithm;
  const bool only_full = *algorithm == Algorithm::crc64nvme;
  upload.full_object = type.empty() ? only_full : type == "FULL_OBJECT";
  const bool possible = upload.full_object ? is_crc(*algorithm) : !only_full;
  if (!possible) {
    throw errors::invalid_request("The " + type + " checksum type cannot be used with the " +
                                  to_lower(name) + " checksum algorithm.");
  }
}

}  // namespace multipart_rules

gateway::Output S3::create_multipart_upload(Context& context, Json input) {
  take_query_headers(context, input);
  const BucketPtr bucket = open_bucket(context, input);
  refuse_unbuilt_headers(input);
  Upload upload;
  upload.key = text_of(input, members::Key);
  upload.storage_class = storage_class_of(input);
  upload.facts = with_acl(context, *bucket, input, object_facts(input));
  take_lock_headers(*bucket, input, platform_.world.now(), false, upload.facts);
  take_encryption(*bucket, input, customer_key(input), upload.facts);
  multipart_rules::read_checksum_kind(input, upload);
  // Ids rise, so that the uploads of a key are listed in the order of their beginning.
  std::string order;
  storage::append_u64(order, next_order(bucket->realm));
  upload.id = to_hex(order) + platform_.ids.hex(bucket->realm, "s3-upload", 48);
  upload.initiated = platform_.world.now();
  {
    const auto lock = lock_key(*bucket, upload.key);
    const BucketPtr now = still(bucket);
    storage::Batch batch;
    store_.put_upload(*now, upload, batch);
    context.commit(batch);
  }
  Json output = {
      {members::Bucket, bucket->name}, {members::Key, upload.key}, {members::UploadId, upload.id}};
  show_encryption(upload.facts, output);
  show_abort(*bucket, upload, output);
  if (upload.algorithm != Algorithm::none) {
    output[members::ChecksumAlgorithm] = std::string(name_of(upload.algorithm));
    output[members::ChecksumType] = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  return output;
}

Upload S3::open_upload(const Bucket& bucket, const Json& input) const {
  const std::string id = text_of(input, members::UploadId);
  auto upload = store_.upload(bucket, text_of(input, members::Key), id);
  if (!upload) throw errors::no_such_upload(id);
  return std::move(*upload);
}

// Under the key's lock: a part is written to an upload that is still there, in place of a former
// one of its number.
void S3::write_part(Context& context, const Bucket& bucket, const Upload& upload, Part& part,
                    storage::Batch& batch) {
  const auto lock = lock_key(bucket, upload.key);
  if (!store_.upload(bucket, upload.key, upload.id)) throw errors::no_such_upload(upload.id);
  if (const auto former = store_.part(bucket, upload.id, part.number)) {
    platform_.blobs.erase(former->body, batch);
  }
  part.modified = platform_.world.now();
  store_.put_part(bucket, upload.id, part, batch);
  context.commit(batch);
}

Task<gateway::Output> S3::upload_part(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  refuse_unbuilt_headers(input);
  const CustomerKey encryption = customer_key(input);
  const Upload upload = open_upload(*bucket, input);
  check_part_key(upload.facts, encryption);
  BodyFacts facts = body_facts(context, input, limits::kPartBytes);
  Part part;
  facts.key = encryption.key;
  if (encryption.given()) facts.counter = part.counter = new_counter(*bucket);
  const Algorithm given = facts.algorithm;
  if (given != Algorithm::none && upload.algorithm != Algorithm::none &&
      given != upload.algorithm) {
    throw errors::invalid_request("Checksum Type mismatch occurred, expected checksum Type: " +
                                  to_lower(name_of(upload.algorithm)) +
                                  ", actual checksum Type: " + to_lower(name_of(given)));
  }
  const Algorithm kept =
      upload.algorithm == Algorithm::none ? Algorithm::crc64nvme : upload.algorithm;
  std::shared_ptr<Received> received =
      co_await receive_body(context, input, std::move(facts), bucket->realm, kept);
  part.number = input[members::PartNumber].get<uint32_t>();
  part.size = received->size;
  part.md5 = received->tag;
  part.checksum = received->kept;
  auto work = [&] {
    storage::Batch batch;
    part.body = received->writer.seal(batch);
    write_part(context, *bucket, upload, part, batch);
  };
  co_await platform_.work.run(std::move(work));
  Json output = {{members::ETag, quoted_etag(part.etag())}};
  show_encryption(upload.facts, output);
  if (given != Algorithm::none || upload.algorithm != Algorithm::none) {
    output[member_of(received->checksum.algorithm)] = received->checksum.text(0);
  }
  co_return output;
}

gateway::Output S3::abort_multipart_upload(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const auto lock = lock_key(*bucket, text_of(input, members::Key));
  const Upload upload = open_upload(*bucket, input);
  storage::Batch batch;
  for (const Part& part : store_.parts(*bucket, upload.id, 0, limits::kParts)) {
    platform_.blobs.erase(part.body, batch);
    store_.erase_part(*bucket, upload.id, part.number, batch);
  }
  store_.erase_upload(*bucket, upload.key, upload.id, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::s3
