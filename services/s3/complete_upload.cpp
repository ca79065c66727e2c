// CompleteMultipartUpload:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
#include <map>

#include "core/text.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace completing {

std::string plain_etag(std::string etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

// The numbers and entity tags must be those of parts that are there.
std::vector<Part> chosen_parts(const Json& wanted, const Upload& upload,
                               const std::vector<Part>& uploaded) {
  std::map<uint32_t, const Part*> by_number;
  for (const Part& part : uploaded) by_number.emplace(part.number, &part);
  int64_t before = 0;
  for (const Json& one : wanted) {
    const int64_t number = one.value(members::PartNumber, int64_t{0});
    if (number <= before) throw errors::invalid_part_order(upload.id);
    before = number;
  }
  std::vector<Part> parts;
  for (const Json& one : wanted) {
    const auto number = one[members::PartNumber].get<uint32_t>();
    const std::string etag = plain_etag(text_of(one, members::ETag));
    const auto found = by_number.find(number);
    if (found == by_number.end() || found->second->etag() != etag) {
      throw errors::invalid_part(upload.id, number, etag);
    }
    parts.push_back(*found->second);
  }
  return parts;
}

void check_part_checksums(const Json& wanted, const Upload& upload,
                          const std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); i++) {
    Algorithm given = Algorithm::none;
    std::string value;
    read_checksum_members(wanted[i], given, value);
    const std::string number = std::to_string(parts[i].number);
    if (value.empty()) {
      if (upload.algorithm == Algorithm::none || upload.full_object) continue;
      const std::string name = to_lower(name_of(upload.algorithm));
      throw errors::invalid_request("The upload was created using a " + name +
                                    " checksum. The complete request must include the checksum "
                                    "for each part. It was missing for part " +
                                    number + " in the request.");
    }
    const bool comparable = given == upload.algorithm ||
                            (upload.algorithm == Algorithm::none && given == Algorithm::crc64nvme);
    if (comparable && value != parts[i].checksum) {
      throw AwsError("BadDigest", "The " + to_lower(name_of(given)) + " you specified for part " +
                                      number + " did not match what we received.");
    }
  }
}

void check_sizes(const std::vector<Part>& parts) {
  for (size_t i = 0; i + 1 < parts.size(); i++) {
    if (parts[i].size < limits::kLeastPartBytes) {
      throw errors::part_too_small(parts[i].etag(), parts[i].number, parts[i].size,
                                   limits::kLeastPartBytes);
    }
  }
}

void check_type(const Json& input, const Upload& upload) {
  const std::string type = text_of(input, members::ChecksumType);
  if (type.empty()) return;
  const std::string kept = upload.algorithm == Algorithm::none ? "null"
                           : upload.full_object                ? "FULL_OBJECT"
                                                               : "COMPOSITE";
  if (type != kept) {
    throw errors::invalid_request("The upload was created using the " + kept +
                                  " checksum mode. The complete request must use the same checksum "
                                  "mode.");
  }
}

Checksum checksum_of(const Upload& upload, const std::vector<Part>& parts) {
  Checksum checksum;
  checksum.algorithm =
      upload.algorithm == Algorithm::none ? Algorithm::crc64nvme : upload.algorithm;
  checksum.composite = !upload.full_object;
  if (checksum.composite) {
    Summer summer(checksum.algorithm);
    for (const Part& part : parts) summer.update(part.checksum);
    checksum.bytes = summer.finish();
    return checksum;
  }
  checksum.bytes = parts.front().checksum;
  for (size_t i = 1; i < parts.size(); i++) {
    checksum.bytes = join(checksum.algorithm, checksum.bytes, parts[i].checksum, parts[i].size);
  }
  return checksum;
}

// The checksum of the whole object that the client expects, in a header.
void check_whole(const Json& input, const Checksum& checksum, size_t parts) {
  refuse_other_algorithms(input);
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string given = text_of(input, member_of(algorithm));
    if (given.empty()) continue;
    if (algorithm != checksum.algorithm) {
      throw errors::invalid_request("Checksum Type mismatch occurred, expected checksum Type: " +
                                    to_lower(name_of(checksum.algorithm)) +
                                    ", actual checksum Type: " + to_lower(name_of(algorithm)));
    }
    const std::string expected = checksum.text(static_cast<uint32_t>(parts));
    if (given != expected && given != to_base64(checksum.bytes)) {
      const std::string value = given.substr(0, given.find('-'));
      if (!parse_checksum(algorithm, value)) {
        throw errors::invalid_checksum_value(header_of(algorithm));
      }
      throw errors::bad_checksum(to_lower(name_of(algorithm)));
    }
  }
}

// The facts of the upload, and that it was this one.
std::string facts_of(const Upload& upload) {
  Json facts = upload.facts.empty() ? Json::object() : Json::parse(upload.facts);
  facts[kUploadFact] = upload.id;
  return facts.dump();
}

// True if the object was made by this very request before: a client that lost the answer asks
// again.
bool is_repeated(const Json& wanted, const std::string& upload, const Object& object,
                 const std::vector<Part>& parts) {
  if (object.parts == 0 || Json::parse(object.facts).value(kUploadFact, "") != upload) return false;
  if (wanted.size() != parts.size()) return false;
  for (size_t i = 0; i < parts.size(); i++) {
    if (wanted[i].value(members::PartNumber, uint32_t{0}) != parts[i].number) return false;
    if (plain_etag(text_of(wanted[i], members::ETag)) != parts[i].etag()) return false;
  }
  return true;
}

std::string location_of(const gateway::RequestContext& context, const std::string& bucket,
                        const std::string& key) {
  const std::string host =
      context.authority.empty() ? std::string("s3.amazonaws.com") : context.authority;
  return context.scheme + "://" + host + "/" + bucket + "/" + url_encode(key, true);
}

Json answer(const gateway::RequestContext& context, const Bucket& bucket, const std::string& key,
            const Object& object) {
  Json output = {{members::Location, location_of(context, bucket.name, key)},
                 {members::Bucket, bucket.name},
                 {members::Key, key},
                 {members::ETag, quoted_etag(object.etag)}};
  show_encryption(object.facts, output);
  output.erase(members::SSECustomerAlgorithm);
  output.erase(members::SSECustomerKeyMD5);
  show_checksum(object.checksum, object.parts, output);
  if (!object.is_null()) output[members::VersionId] = object.version_id;
  return output;
}

}  // namespace completing

gateway::Output S3::complete_multipart_upload(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  Json wanted = Json::array();
  if (const auto body = input.find(members::MultipartUpload); body != input.end()) {
    wanted = body->value(members::Parts, Json::array());
  }
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  const auto current = store_.current(*now, key);
  if (current && completing::is_repeated(wanted, text_of(input, members::UploadId), *current,
                                         store_.object_parts(*now, current->order))) {
    return completing::answer(context, *now, key, *current);
  }
  const Upload upload = open_upload(*now, input);
  if (wanted.empty()) throw errors::invalid_request("You must specify at least one part");
  const std::vector<Part> uploaded = store_.parts(*now, upload.id, 0, limits::kParts);
  const std::vector<Part> parts = completing::chosen_parts(wanted, upload, uploaded);
  completing::check_type(input, upload);
  completing::check_part_checksums(wanted, upload, parts);
  completing::check_sizes(parts);
  Object object;
  object.facts = completing::facts_of(upload);
  take_lock_headers(*now, Json::object(), platform_.world.now(), true, object.facts);
  object.storage_class = upload.storage_class;
  object.parts = static_cast<uint32_t>(parts.size());
  Hasher tags(Hasher::Algorithm::md5);
  for (const Part& part : parts) {
    object.size += part.size;
    tags.update(part.md5);
  }
  object.etag = to_hex(tags.finish()) + "-" + std::to_string(parts.size());
  object.checksum = completing::checksum_of(upload, parts);
  completing::check_whole(input, object.checksum, parts.size());
  if (const auto size = input.find(members::MpuObjectSize);
      size != input.end() && size->get<int64_t>() != static_cast<int64_t>(object.size)) {
    throw errors::invalid_request(
        "The provided 'x-amz-mp-object-size' header value " + std::to_string(size->get<int64_t>()) +
        " does not match what was computed: " + std::to_string(object.size));
  }
  check_write_conditions(input, key, current);
  storage::Batch batch;
  write_version(*now, key, object, current, batch);
  store_.put_object_parts(*now, object.order, parts, batch);
  size_t next = 0;
  for (const Part& part : uploaded) {
    store_.erase_part(*now, upload.id, part.number, batch);
    if (next < parts.size() && parts[next].number == part.number) {
      next++;
    } else {
      platform_.blobs.erase(part.body, batch);
    }
  }
  store_.erase_upload(*now, key, upload.id, batch);
  announce(context, *now, "ObjectCreated:CompleteMultipartUpload", key, object, batch);
  context.commit(batch);
  Json output = completing::answer(context, *now, key, object);
  show_expiration(*now, key, object, output);
  return output;
}

}  // namespace paddock::services::s3
