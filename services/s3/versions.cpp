// The versions of a key: how new ones push older ones back, and what is left when one goes
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html).
#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace version_rules {

constexpr std::string_view kOrders = "s3-order";
constexpr uint64_t kOrdersAtOnce = 4096;
constexpr std::string_view kNull = "null";

}  // namespace version_rules

uint64_t S3::next_order(RealmId realm) {
  const std::lock_guard lock(orders_mutex_);
  auto& [next, end] = orders_[realm];
  if (next == end) {
    next = platform_.database.reserve(realm, version_rules::kOrders, version_rules::kOrdersAtOnce);
    end = next + version_rules::kOrdersAtOnce;
  }
  return ++next;  // 0 stands for none
}

void S3::drop_body(const Bucket& bucket, const Object& object, storage::Batch& batch) {
  if (object.parts > 0) {
    for (const Part& part : store_.object_parts(bucket, object.order)) {
      platform_.blobs.erase(part.body, batch);
    }
    store_.erase_object_parts(bucket, object.order, batch);
  } else {
    platform_.blobs.erase(object.body, batch);
  }
}

void S3::write_version(const Bucket& bucket, std::string_view key, Object& object,
                       const std::optional<Object>& current, storage::Batch& batch) {
  if (object.order == 0) object.order = next_order(bucket.realm);
  object.modified = platform_.world.now();
  object.null_order = 0;
  if (bucket.versioning == Versioning::enabled) {
    object.version_id =
        make_version_id(object.order, platform_.ids.next(bucket.realm, "s3-version"));
    if (current) {
      store_.put_older(bucket, key, *current, batch);
      object.null_order = current->is_null() ? current->order : current->null_order;
    }
  } else if (current && current->is_null()) {
    drop_body(bucket, *current, batch);
  } else if (current) {
    // Suspended: the null version is replaced wherever it is.
    if (current->null_order != 0) {
      if (const auto former = store_.older(bucket, key, current->null_order)) {
        drop_body(bucket, *former, batch);
        store_.erase_older(bucket, key, former->order, batch);
      }
    }
    store_.put_older(bucket, key, *current, batch);
  }
  store_.put_current(bucket, key, object, batch);
}

void S3::drop_version(const Bucket& bucket, std::string_view key, const Object& found,
                      const Object& current, storage::Batch& batch) {
  drop_body(bucket, found, batch);
  if (found.order != current.order) {
    store_.erase_older(bucket, key, found.order, batch);
    if (found.is_null()) {
      Object changed = current;
      changed.null_order = 0;
      store_.put_current(bucket, key, changed, batch);
    }
    return;
  }
  auto next = store_.newest_older(bucket, key);
  if (!next) {
    store_.erase_current(bucket, key, batch);
    return;
  }
  store_.erase_older(bucket, key, next->order, batch);
  next->null_order = next->order == current.null_order ? 0 : current.null_order;
  store_.put_current(bucket, key, *next, batch);
}

std::optional<Object> S3::find_version(const Bucket& bucket, std::string_view key,
                                       std::string_view id) const {
  std::optional<uint64_t> order;
  if (!id.empty() && id != version_rules::kNull) {
    order = order_of_version(id);
    if (!order) throw errors::invalid_version_id(id);
  }
  std::optional<Object> current = store_.current(bucket, key);
  if (!current || id.empty()) return current;
  if (id == version_rules::kNull) {
    if (current->is_null()) return current;
    if (current->null_order == 0) return std::nullopt;
    return store_.older(bucket, key, current->null_order);
  }
  if (current->version_id == id) return current;
  std::optional<Object> found = store_.older(bucket, key, *order);
  if (found && found->version_id != id) return std::nullopt;
  return found;
}

Object S3::readable(const Bucket& bucket, std::string_view key, std::string_view id) const {
  std::optional<Object> found = find_version(bucket, key, id);
  if (!found) {
    if (id.empty()) throw errors::no_such_key(key);
    throw errors::no_such_version(key, id);
  }
  if (!found->delete_marker) return std::move(*found);
  AwsError refusal =
      id.empty() ? errors::no_such_key(key) : errors::method_not_allowed("GET", "DeleteMarker");
  refusal.with_header("x-amz-delete-marker", "true");
  refusal.with_header("x-amz-version-id", found->shown_version());
  if (!id.empty()) {
    refusal.with_header("Allow", "DELETE");
    refusal.with_header("Last-Modified", http_date(found->modified.ms));
  }
  throw refusal;
}

}  // namespace paddock::services::s3
