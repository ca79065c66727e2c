#include "services/s3/object_lock.hpp"

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace object_locks {

constexpr int64_t kHourMs = 60 * 60 * 1000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr const char* kGovernance = "GOVERNANCE";
constexpr const char* kCompliance = "COMPLIANCE";

Json facts_of(const std::string& facts) {
  return facts.empty() ? Json::object() : Json::parse(facts);
}

AwsError no_lock_on_bucket() {
  return errors::invalid_request("Bucket is missing Object Lock Configuration");
}
AwsError no_lock_on_object() {
  return AwsError("NoSuchObjectLockConfiguration",
                  "The specified object does not have a ObjectLock configuration", 404);
}

// The day of the month of the n-th Sunday.
int sunday(int year, int month, int nth) {
  const int first = civil_time(from_civil(year, month, 1, 0, 0, 0)).weekday;
  return 1 + (7 - first) % 7 + (nth - 1) * 7;
}

// "Tue Dec 31 16:00:00 PST 2019": AWS writes dates in its errors as in Seattle.
std::string seattle_time(int64_t ms) {
  static const char* const kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int year = civil_time(ms).year;
  const bool summer = ms >= from_civil(year, 3, sunday(year, 3, 2), 10, 0, 0) &&
                      ms < from_civil(year, 11, sunday(year, 11, 1), 9, 0, 0);
  const CivilTime time = civil_time(ms - (summer ? 7 : 8) * kHourMs);
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::string(kDays[time.weekday]) + " " + kMonths[time.month - 1] + " " + two(time.day) +
         " " + two(time.hour) + ":" + two(time.minute) + ":" + two(time.second) +
         (summer ? " PDT " : " PST ") + std::to_string(time.year);
}

void check_date(int64_t until, WorldTime now, std::string_view argument) {
  if (until > now.ms) return;
  throw errors::invalid_argument("The retain until date must be in the future!", argument,
                                 seattle_time(until));
}

// Of a configuration as it was put. Throws MalformedXML, InvalidArgument.
void check_configuration(const Json& configuration) {
  if (text_of(configuration, members::ObjectLockEnabled) != "Enabled") {
    throw errors::malformed_xml();
  }
  const auto rule = configuration.find(members::Rule);
  if (rule == configuration.end()) return;
  const auto retention = rule->find(members::DefaultRetention);
  if (retention == rule->end() || !retention->contains(members::Mode) ||
      retention->contains(members::Days) == retention->contains(members::Years)) {
    throw errors::malformed_xml();
  }
  const bool days = retention->contains(members::Days);
  const int64_t period = (*retention)[days ? members::Days : members::Years].get<int64_t>();
  if (period <= 0) {
    throw AwsError("InvalidArgument", "Default retention period must be a positive integer value.");
  }
  if (period > (days ? limits::kLockDays : limits::kLockYears)) {
    throw AwsError("InvalidArgument", "Default retention period too large");
  }
}

// The moment until which a new object is kept if it asks for nothing.
int64_t default_until(const Json& retention, WorldTime now) {
  if (retention.contains(members::Days)) {
    return now.ms + retention[members::Days].get<int64_t>() * kDayMs;
  }
  return now.ms + retention[members::Years].get<int64_t>() * 365 * kDayMs;
}

// Whether the retention in force lets itself be replaced; `wanted` may be empty.
void check_change(const Json& facts, const Json& wanted, WorldTime now, bool bypass) {
  if (!facts.contains(members::ObjectLockMode)) return;
  const int64_t until = facts[members::ObjectLockRetainUntilDate].get<int64_t>();
  if (until <= now.ms) return;
  const std::string mode = text_of(facts, members::ObjectLockMode);
  const bool longer = !wanted.empty() && wanted[members::RetainUntilDate].get<int64_t>() >= until &&
                      wanted[members::Mode] == mode;
  const bool may = longer || (mode == kGovernance && bypass);
  if (!may) throw errors::object_locked();
}

}  // namespace object_locks

bool has_object_lock(const Bucket& bucket) {
  return bucket.records.contains(kLockRecord);
}

bool is_locked(const Object& object, WorldTime now, bool bypass) {
  if (object.facts.empty()) return false;
  const Json facts = Json::parse(object.facts);
  if (text_of(facts, members::ObjectLockLegalHoldStatus) == "ON") return true;
  const auto until = facts.find(members::ObjectLockRetainUntilDate);
  if (until == facts.end() || until->get<int64_t>() <= now.ms) return false;
  return !bypass || text_of(facts, members::ObjectLockMode) == object_locks::kCompliance;
}

bool asks_for_lock(const Json& input) {
  return input.contains(members::ObjectLockMode) ||
         input.contains(members::ObjectLockLegalHoldStatus);
}

void drop_locks(Json& facts) {
  for (const char* member : {members::ObjectLockMode, members::ObjectLockRetainUntilDate,
                             members::ObjectLockLegalHoldStatus}) {
    facts.erase(member);
  }
}

void take_lock_headers(const Bucket& bucket, const Json& input, WorldTime now, bool defaults,
                       std::string& facts) {
  const std::string mode = text_of(input, members::ObjectLockMode);
  const std::string hold = text_of(input, members::ObjectLockLegalHoldStatus);
  const bool dated = input.contains(members::ObjectLockRetainUntilDate);
  if (!mode.empty() && mode != object_locks::kGovernance && mode != object_locks::kCompliance) {
    throw errors::invalid_argument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode);
  }
  if (!hold.empty() && hold != "ON" && hold != "OFF") {
    throw errors::invalid_argument("Legal Hold must be either of 'ON' or 'OFF'",
                                   "x-amz-object-lock-legal-hold", hold);
  }
  if (mode.empty() == dated) {
    throw errors::invalid_argument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
        dated ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date");
  }
  if ((dated || !hold.empty()) && !has_object_lock(bucket)) throw object_locks::no_lock_on_bucket();
  Json kept = Json();
  const auto keep = [&](const char* member, Json value) {
    if (kept.is_null()) kept = object_locks::facts_of(facts);
    kept[member] = std::move(value);
  };
  if (dated) {
    const int64_t until = input[members::ObjectLockRetainUntilDate].get<int64_t>();
    object_locks::check_date(until, now, "x-amz-object-lock-retain-until-date");
    keep(members::ObjectLockMode, mode);
    keep(members::ObjectLockRetainUntilDate, until);
  } else if (defaults && has_object_lock(bucket) &&
             bucket.records[kLockRecord].contains(members::Rule)) {
    const Json& rule = bucket.records[kLockRecord][members::Rule][members::DefaultRetention];
    if (!object_locks::facts_of(facts).contains(members::ObjectLockMode)) {
      keep(members::ObjectLockMode, rule[members::Mode]);
      keep(members::ObjectLockRetainUntilDate, object_locks::default_until(rule, now));
    }
  }
  if (!hold.empty()) keep(members::ObjectLockLegalHoldStatus, hold);
  if (!kept.is_null()) facts = kept.dump();
}

void S3::add_lock_operations(Operations& operations) {
  using gateway::Access;
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       std::string_view action, bool bucket) {
    operations.push_back({name, std::move(handler), access, gateway::Fidelity::full(), action,
                          bucket ? &bucket_resource : &object_resource, members::Bucket, nullptr});
  };
  const auto plain = [this](auto method) { return gateway::plain(this, method); };
  add("GetObjectLockConfiguration", plain(&S3::get_lock_configuration), Access::read,
      "s3:GetBucketObjectLockConfiguration", true);
  add("PutObjectLockConfiguration", gateway::slow(this, &S3::put_lock_configuration), Access::write,
      "s3:PutBucketObjectLockConfiguration", true);
  add("GetObjectRetention", plain(&S3::get_retention), Access::read, "s3:GetObjectRetention",
      false);
  add("PutObjectRetention", plain(&S3::put_retention), Access::write, "s3:PutObjectRetention",
      false);
  add("GetObjectLegalHold", plain(&S3::get_legal_hold), Access::read, "s3:GetObjectLegalHold",
      false);
  add("PutObjectLegalHold", plain(&S3::put_legal_hold), Access::write, "s3:PutObjectLegalHold",
      false);
}

gateway::Output S3::get_lock_configuration(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  if (!has_object_lock(*bucket)) {
    throw AwsError("ObjectLockConfigurationNotFoundError",
                   "Object Lock configuration does not exist for this bucket", 404)
        .with("BucketName", bucket->name);
  }
  return Json{{members::ObjectLockConfiguration, bucket->records[kLockRecord]}};
}

gateway::Output S3::put_lock_configuration(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  if (!input.contains(members::ObjectLockConfiguration)) throw errors::malformed_xml();
  const Json& configuration = input[members::ObjectLockConfiguration];
  object_locks::check_configuration(configuration);
  change_bucket(context, bucket, [&configuration](Bucket& changed) {
    if (changed.versioning != Versioning::enabled) {
      throw AwsError("InvalidBucketState",
                     "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                     "configuration",
                     409);
    }
    changed.records[kLockRecord] = configuration;
  });
  return {};
}

// The version of a lock's request; `method` is for its errors.
Object S3::lockable(const Bucket& bucket, const Json& input, std::string_view method) const {
  const std::string key = text_of(input, members::Key);
  const std::string version = text_of(input, members::VersionId);
  std::optional<Object> found = find_version(bucket, key, version);
  if (!found) {
    if (version.empty()) throw errors::no_such_key(key);
    throw errors::no_such_version(key, version);
  }
  if (found->delete_marker) throw errors::method_not_allowed(method, "DeleteMarker");
  if (!has_object_lock(bucket)) throw object_locks::no_lock_on_bucket();
  return std::move(*found);
}

// Under the key's lock: changes the facts of one version.
gateway::Output S3::change_lock(Context& context, const Json& input,
                                const std::function<void(Json& facts)>& change) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  const std::string key = text_of(input, members::Key);
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  Object object = lockable(*now, input, "PUT");
  Json facts = object_locks::facts_of(object.facts);
  change(facts);
  object.facts = facts.empty() ? std::string() : facts.dump();
  storage::Batch batch;
  replace_version(*now, key, object, batch);
  context.commit(batch);
  return {};
}

void S3::replace_version(const Bucket& bucket, std::string_view key, const Object& object,
                         storage::Batch& batch) {
  const std::optional<Object> current = store_.current(bucket, key);
  if (current->order == object.order) {
    store_.put_current(bucket, key, object, batch);
  } else {
    store_.put_older(bucket, key, object, batch);
  }
}

gateway::Output S3::get_retention(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Object object = lockable(*bucket, input, "GET");
  const Json facts = object_locks::facts_of(object.facts);
  if (!facts.contains(members::ObjectLockMode)) throw object_locks::no_lock_on_object();
  return Json{{members::Retention,
               {{members::Mode, facts[members::ObjectLockMode]},
                {members::RetainUntilDate, facts[members::ObjectLockRetainUntilDate]}}}};
}

gateway::Output S3::put_retention(Context& context, Json input) {
  const Json wanted = input.value(members::Retention, Json::object());
  const bool bypass = input.value(members::BypassGovernanceRetention, false);
  return change_lock(context, input, [&](Json& facts) {
    if (wanted.contains(members::Mode) != wanted.contains(members::RetainUntilDate)) {
      throw errors::malformed_xml();
    }
    const WorldTime now = platform_.world.now();
    if (!wanted.empty()) {
      object_locks::check_date(wanted[members::RetainUntilDate].get<int64_t>(), now,
                               "RetainUntilDate");
    }
    object_locks::check_change(facts, wanted, now, bypass);
    facts.erase(members::ObjectLockMode);
    facts.erase(members::ObjectLockRetainUntilDate);
    if (wanted.empty()) return;
    facts[members::ObjectLockMode] = wanted[members::Mode];
    facts[members::ObjectLockRetainUntilDate] = wanted[members::RetainUntilDate];
  });
}

gateway::Output S3::get_legal_hold(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Object object = lockable(*bucket, input, "GET");
  const Json facts = object_locks::facts_of(object.facts);
  const std::string status = text_of(facts, members::ObjectLockLegalHoldStatus);
  if (status.empty()) throw object_locks::no_lock_on_object();
  return Json{{members::LegalHold, {{members::Status, status}}}};
}

gateway::Output S3::put_legal_hold(Context& context, Json input) {
  const Json wanted = input.value(members::LegalHold, Json::object());
  return change_lock(context, input, [&wanted](Json& facts) {
    const std::string status = text_of(wanted, members::Status);
    if (status != "ON" && status != "OFF") throw errors::malformed_xml();
    facts[members::ObjectLockLegalHoldStatus] = status;
  });
}

}  // namespace paddock::services::s3
