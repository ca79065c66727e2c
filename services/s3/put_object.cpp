// PutObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
#include "core/cipher.hpp"
#include "core/text.hpp"
#include "http/exchange.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {

std::string S3::new_counter(const Bucket& bucket) {
  const IdBytes bytes = platform_.ids.next(bucket.realm, "s3-counter");
  return std::string(bytes.begin(), bytes.begin() + Aes256Counter::kStartBytes);
}

Task<gateway::Output> S3::put_object(Context& context, Json input) {
  const bool form = context.head != nullptr && context.head->method == "POST";
  if (form) co_return co_await post_object(context, std::move(input));
  take_query_headers(context, input);
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  Object object;
  object.storage_class = storage_class_of(input);
  object.facts = with_acl(context, *bucket, input, object_facts(input));
  take_lock_headers(*bucket, input, platform_.world.now(), true, object.facts);
  const CustomerKey encryption = customer_key(input);
  take_encryption(*bucket, input, encryption, object.facts);
  BodyFacts facts = body_facts(context, input, limits::kPutBytes);
  facts.key = encryption.key;
  if (encryption.given()) facts.counter = new_counter(*bucket);
  set_counter(facts.counter, object.facts);
  const bool digested = facts.algorithm != Algorithm::none || !facts.content_md5.empty();
  if (asks_for_lock(input) && !digested) throw errors::lock_without_digest();
  const Algorithm kept =
      facts.algorithm == Algorithm::none ? Algorithm::crc64nvme : facts.algorithm;
  std::shared_ptr<Received> received =
      co_await receive_body(context, input, std::move(facts), bucket->realm, kept);
  object.size = received->size;
  object.etag = to_hex(received->tag);
  object.checksum = received->checksum;
  co_await commit_object(context, bucket, key, received, object, input);
  Json output = {{members::ETag, quoted_etag(object.etag)}};
  show_encryption(object.facts, output);
  show_expiration(*bucket, key, object, output);
  show_checksum(object.checksum, 0, output);
  if (bucket->versioning == Versioning::enabled || !object.is_null()) {
    output[members::VersionId] = object.shown_version();
  }
  co_return output;
}

Task<void> S3::commit_object(Context& context, const BucketPtr& bucket, const std::string& key,
                             std::shared_ptr<Received> received, Object& object,
                             const Json& input) {
  object.order = next_order(bucket->realm);
  const bool form = context.head != nullptr && context.head->method == "POST";
  const std::string_view event = form ? "ObjectCreated:Post" : "ObjectCreated:Put";
  const auto attempt = [&](storage::Batch& batch) {
    const auto lock = lock_key(*bucket, key);
    const BucketPtr now = still(bucket);
    const auto current = store_.current(*now, key);
    check_write_conditions(input, key, current);
    write_version(*now, key, object, current, batch);
    announce(context, *now, event, key, object, batch);
    context.commit(batch);
  };
  const bool small = received->size <= storage::Blobs::kInlineMax;
  if (small) {
    // A body within the row ties no batch, so that the attempt can be repeated with another one.
    storage::Batch batch;
    object.body = received->writer.seal(batch);
    context.commit_mode = storage::CommitMode::no_wait;
    try {
      attempt(batch);
      co_return;
    } catch (const storage::CommitWouldWait&) {
      object.version_id.clear();
    }
  }
  context.commit_mode = storage::CommitMode::may_wait;
  auto work = [&] {
    storage::Batch batch;
    if (!small) object.body = received->writer.seal(batch);
    attempt(batch);
  };
  co_await platform_.work.run(std::move(work));
}

}  // namespace paddock::services::s3
