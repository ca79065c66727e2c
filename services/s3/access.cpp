// Which bucket a call is for, and whether the caller may.
#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {

BucketPtr S3::open_bucket(const Context& context, const std::string& name,
                          const Json& expected_owner) const {
  BucketPtr bucket = catalog_.find(name);
  if (!bucket) throw errors::no_such_bucket(name);
  if (expected_owner.is_string()) {
    const std::string& id = expected_owner.get_ref<const std::string&>();
    if (!identity::is_account_id(id)) throw errors::invalid_owner_id(id);
    if (id != bucket->account) throw errors::access_denied();
  }
  // Bucket policies and ACLs are not evaluated yet, so a bucket is its owner's alone.
  if (context.principal.kind == identity::Principal::Kind::anonymous ||
      context.account != bucket->account) {
    throw errors::access_denied();
  }
  return bucket;
}

BucketPtr S3::open_bucket(const Context& context, const Json& input) const {
  const auto owner = input.find(members::ExpectedBucketOwner);
  return open_bucket(context, text_of(input, members::Bucket),
                     owner == input.end() ? Json() : *owner);
}

BucketPtr S3::still(const BucketPtr& bucket) const {
  BucketPtr now = catalog_.find(bucket->name);
  if (!now || now->incarnation != bucket->incarnation || now->realm != bucket->realm ||
      now->closing) {
    throw errors::no_such_bucket(bucket->name);
  }
  return now;
}

storage::KeyLocks::Guard S3::lock_key(const Bucket& bucket, std::string_view key) const {
  return platform_.locks.lock(Store::lock_name(bucket, key));
}

}  // namespace paddock::services::s3
