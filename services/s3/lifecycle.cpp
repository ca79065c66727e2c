// Lifecycle: once a day, at midnight of world time, a bucket's rules are applied.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
//
// A timer, target "s3:lifecycle", for each bucket that has rules: id = the bucket's incarnation,
// payload = its name.
#include "core/text.hpp"
#include "events/scheduler.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/lifecycle_rules.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace lifecycles {

constexpr const char* kTarget = "s3:lifecycle";
constexpr const char* kRecord = "lifecycle";
constexpr const char* kLeastSize = "all_storage_classes_128K";

events::Timer timer_of(const Bucket& bucket, WorldTime now) {
  return {bucket.realm, kTarget, std::to_string(bucket.incarnation), lifecycle_due(now, 0),
          bucket.name};
}

Lifecycle of(const Bucket& bucket) {
  return Lifecycle(bucket.records.value(kRecord, Json::object()));
}

}  // namespace lifecycles

void S3::add_lifecycle_operations(Operations& operations) {
  using gateway::Access;
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       std::string_view action) {
    operations.push_back({name, std::move(handler), access, gateway::Fidelity::full(), action,
                          &bucket_resource, members::Bucket, nullptr});
  };
  add("GetBucketLifecycleConfiguration", gateway::plain(this, &S3::get_lifecycle), Access::read,
      "s3:GetLifecycleConfiguration");
  add("PutBucketLifecycleConfiguration", gateway::slow(this, &S3::put_lifecycle), Access::write,
      "s3:PutLifecycleConfiguration");
  add("DeleteBucketLifecycle", gateway::slow(this, &S3::delete_lifecycle), Access::write,
      "s3:PutLifecycleConfiguration");
  platform_.scheduler.handle(lifecycles::kTarget,
                             [this](const events::Timer& timer) { run_lifecycle(timer); });
}

gateway::Output S3::get_lifecycle(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  if (!bucket->records.contains(lifecycles::kRecord)) {
    throw AwsError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist",
                   404)
        .with("BucketName", bucket->name);
  }
  return bucket->records[lifecycles::kRecord];
}

gateway::Output S3::put_lifecycle(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  if (!input.contains(members::LifecycleConfiguration)) throw errors::malformed_xml();
  Json document = input[members::LifecycleConfiguration];
  Json& rules = document[members::Rules];
  check_lifecycle_rules(
      rules, [this, &bucket] { return platform_.ids.hex(bucket->realm, "s3-lifecycle", 48); });
  const std::string least =
      text_of(input, members::TransitionDefaultMinimumObjectSize, lifecycles::kLeastSize);
  if (least != lifecycles::kLeastSize && least != "varies_by_storage_class") {
    throw errors::invalid_request("Invalid TransitionDefaultMinimumObjectSize found: " + least);
  }
  document[members::TransitionDefaultMinimumObjectSize] = least;
  change_bucket(
      context, bucket,
      [&document](Bucket& changed) { changed.records[lifecycles::kRecord] = document; },
      [this, &bucket](storage::Batch& batch) {
        platform_.scheduler.set(batch, lifecycles::timer_of(*bucket, platform_.world.now()));
      });
  return Json{{members::TransitionDefaultMinimumObjectSize, least}};
}

gateway::Output S3::delete_lifecycle(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  change_bucket(
      context, bucket, [](Bucket& changed) { changed.records.erase(lifecycles::kRecord); },
      [this, &bucket](storage::Batch& batch) {
        platform_.scheduler.cancel(batch, lifecycles::timer_of(*bucket, platform_.world.now()));
      });
  return {};
}

void S3::show_expiration(const Bucket& bucket, std::string_view key, const Object& object,
                         Json& output) const {
  if (!bucket.records.contains(lifecycles::kRecord)) return;
  const auto expiry = lifecycles::of(bucket).expiry(key, object);
  if (!expiry) return;
  output[members::Expiration] = "expiry-date=\"" + http_date(expiry->at.ms) + "\", rule-id=\"" +
                                url_encode(expiry->rule) + "\"";
}

void S3::show_abort(const Bucket& bucket, const Upload& upload, Json& output) const {
  if (!bucket.records.contains(lifecycles::kRecord)) return;
  const auto abort = lifecycles::of(bucket).abort(upload.key, upload.initiated);
  if (!abort) return;
  output[members::AbortDate] = abort->at.ms;
  output[members::AbortRuleId] = abort->rule;
}

void S3::run_lifecycle(const events::Timer& timer) {
  const BucketPtr bucket = catalog_.find(timer.payload);
  if (!bucket || bucket->realm != timer.realm || std::to_string(bucket->incarnation) != timer.id) {
    return;
  }
  const WorldTime now = platform_.world.now();
  const Lifecycle rules = lifecycles::of(*bucket);
  try {
    if (!rules.empty()) {
      age_objects(bucket, rules, now);
      age_uploads(bucket, rules, now);
    }
  } catch (const AwsError&) {
    return;  // the bucket has gone meanwhile
  }
  storage::Batch batch;
  platform_.scheduler.set(batch, lifecycles::timer_of(*bucket, now));
  platform_.database.commit(batch);
}

// Walks all versions: of each key the newest first, so that each version knows since when it is
// replaced, and by how many.
void S3::age_objects(const BucketPtr& bucket, const Lifecycle& rules, WorldTime now) {
  WorldTime since;
  size_t newer = 0;
  bool alone = false;  // the newest version is the only one
  ObjectCursor cursor = store_.objects(*bucket, "");
  while (cursor.valid()) {
    const std::string key = cursor.key();
    const Object object = cursor.object();
    const bool current = cursor.current();
    cursor.next();
    if (current) {
      alone = !cursor.valid() || cursor.key() != key;
      since = object.modified;
      newer = 0;
      age_current(bucket, rules, key, object, alone, now);
      continue;
    }
    if (rules.drops_noncurrent(key, object, since, newer, now)) {
      age(bucket, key, object,
          [&](const Bucket& still, const Object& newest, storage::Batch& batch) {
            if (newest.order == object.order || is_locked(object, now, false)) return false;
            drop_version(still, key, object, newest, batch);
            announce_aging(still, "LifecycleExpiration:Delete", key, object, batch);
            return true;
          });
    } else {
      move_class(bucket, key, object, rules.noncurrent_transition(key, object, since, newer, now));
    }
    since = object.modified;
    ++newer;
  }
}

void S3::age_current(const BucketPtr& bucket, const Lifecycle& rules, const std::string& key,
                     const Object& object, bool alone, WorldTime now) {
  if (object.delete_marker) {
    if (!alone || !rules.drops_marker(key, object, now)) return;
    age(bucket, key, object, [&](const Bucket& still, const Object& newest, storage::Batch& batch) {
      if (newest.order != object.order) return false;
      drop_version(still, key, object, newest, batch);
      announce_aging(still, "LifecycleExpiration:Delete", key, object, batch);
      return true;
    });
    return;
  }
  const auto expiry = rules.expiry(key, object);
  if (!expiry || expiry->at.ms > now.ms) {
    move_class(bucket, key, object, rules.transition(key, object, now));
    return;
  }
  age(bucket, key, object, [&](const Bucket& still, const Object& newest, storage::Batch& batch) {
    if (newest.order != object.order) return false;
    if (still.versioning == Versioning::off) {
      drop_version(still, key, newest, newest, batch);
      announce_aging(still, "LifecycleExpiration:Delete", key, newest, batch);
      return true;
    }
    Object marker;
    marker.delete_marker = true;
    write_version(still, key, marker, newest, batch);
    announce_aging(still, "LifecycleExpiration:DeleteMarkerCreated", key, marker, batch);
    return true;
  });
}

void S3::move_class(const BucketPtr& bucket, const std::string& key, const Object& object,
                    const std::string& to) {
  if (to.empty()) return;
  age(bucket, key, object, [&](const Bucket& still, const Object&, storage::Batch& batch) {
    std::optional<Object> moved = find_version(still, key, object.shown_version());
    if (!moved || moved->order != object.order) return false;
    moved->storage_class = to;
    replace_version(still, key, *moved, batch);
    announce_aging(still, "LifecycleTransition", key, *moved, batch);
    return true;
  });
}

// One change under the key's lock, if the version is still there.
void S3::age(const BucketPtr& bucket, const std::string& key, const Object& object,
             const std::function<bool(const Bucket&, const Object&, storage::Batch&)>& change) {
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  const std::optional<Object> newest = store_.current(*now, key);
  if (!newest) return;
  const bool there =
      newest->order == object.order || store_.older(*now, key, object.order).has_value();
  storage::Batch batch;
  if (there && change(*now, *newest, batch)) platform_.database.commit(batch);
}

void S3::announce_aging(const Bucket& bucket, std::string_view event, std::string_view key,
                        const Object& object, storage::Batch& batch) {
  const Origin origin = origin_of_s3(platform_.ids.upper36(bucket.realm, "s3-request", 16));
  announce(origin, bucket,
           {event, key, object, next_order(bucket.realm), platform_.world.now(), {}}, batch);
}

void S3::age_uploads(const BucketPtr& bucket, const Lifecycle& rules, WorldTime now) {
  std::vector<Upload> due;
  store_.uploads(*bucket, "", "", "", [&](Upload upload) -> std::optional<std::string> {
    const auto abort = rules.abort(upload.key, upload.initiated);
    if (abort && abort->at.ms <= now.ms) due.push_back(std::move(upload));
    return "";
  });
  for (const Upload& upload : due) {
    const auto lock = lock_key(*bucket, upload.key);
    if (!store_.upload(*bucket, upload.key, upload.id)) continue;
    storage::Batch batch;
    for (const Part& part : store_.parts(*bucket, upload.id, 0, limits::kParts)) {
      platform_.blobs.erase(part.body, batch);
      store_.erase_part(*bucket, upload.id, part.number, batch);
    }
    store_.erase_upload(*bucket, upload.key, upload.id, batch);
    platform_.database.commit(batch);
  }
}

}  // namespace paddock::services::s3
