#include "services/s3/lifecycle_rules.hpp"

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {
namespace lifecycle_rules {

constexpr size_t kMostRules = 1000;
constexpr size_t kIdBytes = 255;
constexpr int64_t kInfrequentDays = 30;
constexpr uint64_t kLeastMoved = 128 * 1024;

AwsError not_positive(const std::string& member, const std::string& action) {
  return AwsError("InvalidArgument",
                  "'" + member + "' for " + action + " action must be a positive integer");
}

void check_days(const Json& action, const char* member, const std::string& name) {
  if (action.contains(member) && action[member].get<int64_t>() <= 0) {
    throw not_positive(member, name);
  }
}

void check_date(const Json& action) {
  if (!action.contains(members::Date)) return;
  const int64_t date = action[members::Date].get<int64_t>();
  if (date % kLifecycleDayMs != 0) {
    throw errors::invalid_argument("'Date' must be at midnight GMT", "Date", iso8601(date));
  }
}

bool is_infrequent(const std::string& storage_class) {
  return storage_class == "STANDARD_IA" || storage_class == "ONEZONE_IA";
}

void check_transition(const Json& one, const char* days, const std::string& name) {
  if (!one.contains(members::StorageClass) || one.contains(days) == one.contains(members::Date)) {
    throw errors::malformed_xml();
  }
  check_date(one);
  if (!one.contains(days)) return;
  const int64_t count = one[days].get<int64_t>();
  const std::string to = text_of(one, members::StorageClass);
  if (count < 0) {
    throw AwsError("InvalidArgument",
                   "'" + std::string(days) + "' for " + name + " action must be nonnegative");
  }
  if (is_infrequent(to) && count < kInfrequentDays) {
    throw AwsError("InvalidArgument", "'" + std::string(days) + "' in " + name +
                                          " action must be greater than or equal to 30 for "
                                          "storageClass '" +
                                          to + "'");
  }
}

// The tags that a filter asks for.
Json tags_of(const Json& filter) {
  Json tags = Json::array();
  if (filter.contains(members::Tag)) tags.push_back(filter[members::Tag]);
  if (filter.contains(members::And)) {
    const Json more = filter[members::And].value(members::Tags, Json::array());
    for (const Json& tag : more) tags.push_back(tag);
  }
  return tags;
}

void check_filter(const Json& rule) {
  if (rule.contains(members::Filter) == rule.contains(members::Prefix)) {
    throw errors::malformed_xml();
  }
  const Json filter = rule.value(members::Filter, Json::object());
  if (filter.size() > 1) throw errors::malformed_xml();
  if (filter.contains(members::And) && filter[members::And].empty()) throw errors::malformed_xml();
  std::set<std::string> keys;
  const Json tags = tags_of(filter);
  for (const Json& tag : tags) {
    if (!keys.insert(text_of(tag, members::Key)).second) {
      throw errors::invalid_request("Duplicate Tag Keys are not allowed.");
    }
  }
  if (tags.empty()) return;
  if (rule.contains(members::AbortIncompleteMultipartUpload)) {
    throw errors::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  if (rule.contains(members::Expiration) &&
      rule[members::Expiration].contains(members::ExpiredObjectDeleteMarker)) {
    throw errors::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  }
}

void check_actions(const Json& rule) {
  size_t actions = 0;
  if (const auto found = rule.find(members::Expiration); found != rule.end()) {
    ++actions;
    if (found->size() != 1) throw errors::malformed_xml();
    check_days(*found, members::Days, "Expiration");
    check_date(*found);
  }
  if (const auto found = rule.find(members::NoncurrentVersionExpiration); found != rule.end()) {
    ++actions;
    if (!found->contains(members::NoncurrentDays)) throw errors::malformed_xml();
    check_days(*found, members::NoncurrentDays, "NoncurrentVersionExpiration");
    check_days(*found, members::NewerNoncurrentVersions, "NoncurrentVersionExpiration");
  }
  if (const auto found = rule.find(members::AbortIncompleteMultipartUpload); found != rule.end()) {
    ++actions;
    if (!found->contains(members::DaysAfterInitiation)) throw errors::malformed_xml();
    check_days(*found, members::DaysAfterInitiation, "AbortIncompleteMultipartUpload");
  }
  if (const auto found = rule.find(members::Transitions); found != rule.end()) {
    ++actions;
    for (const Json& one : *found) check_transition(one, members::Days, "Transition");
  }
  if (const auto found = rule.find(members::NoncurrentVersionTransitions); found != rule.end()) {
    ++actions;
    for (const Json& one : *found) {
      check_transition(one, members::NoncurrentDays, "NoncurrentVersionTransition");
    }
  }
  if (actions == 0) throw errors::malformed_xml();
}

bool has_tag(const Json& tags, const Json& wanted) {
  return std::find(tags.begin(), tags.end(), wanted) != tags.end();
}

// Whether prefix, size and tags are what a rule asks for.
bool matches(const Json& rule, std::string_view key, const Object& object) {
  const Json filter = rule.value(members::Filter, Json::object());
  const Json& part = filter.contains(members::And) ? filter[members::And] : filter;
  const std::string prefix = text_of(rule.contains(members::Prefix) ? rule : part, members::Prefix);
  if (!key.starts_with(prefix)) return false;
  const auto size = static_cast<int64_t>(object.size);
  if (part.contains(members::ObjectSizeGreaterThan) &&
      size <= part[members::ObjectSizeGreaterThan].get<int64_t>()) {
    return false;
  }
  if (part.contains(members::ObjectSizeLessThan) &&
      size >= part[members::ObjectSizeLessThan].get<int64_t>()) {
    return false;
  }
  const Json wanted = tags_of(filter);
  if (wanted.empty()) return true;
  const Json facts = object.facts.empty() ? Json::object() : Json::parse(object.facts);
  const Json tags = facts.value(kTagsFact, Json::array());
  return std::all_of(wanted.begin(), wanted.end(),
                     [&tags](const Json& tag) { return has_tag(tags, tag); });
}

bool filters_by_size(const Json& rule) {
  const Json filter = rule.value(members::Filter, Json::object());
  const Json& part = filter.contains(members::And) ? filter[members::And] : filter;
  return part.contains(members::ObjectSizeGreaterThan) ||
         part.contains(members::ObjectSizeLessThan);
}

// When an action with Days or Date is due; nullopt if it has neither.
std::optional<WorldTime> due_of(const Json& action, const char* days, WorldTime start) {
  if (action.contains(members::Date)) {
    return WorldTime{action[members::Date].get<int64_t>()};
  }
  if (action.contains(days)) return lifecycle_due(start, action[days].get<int64_t>());
  return std::nullopt;
}

// Colder classes have greater ranks; a version is never warmed.
int rank(std::string_view storage_class) {
  static constexpr std::string_view kOrder[] = {
      "",           "REDUCED_REDUNDANCY", "STANDARD_IA", "INTELLIGENT_TIERING",
      "ONEZONE_IA", "GLACIER_IR",         "GLACIER",     "DEEP_ARCHIVE"};
  const auto* const found = std::find(std::begin(kOrder), std::end(kOrder), storage_class);
  return static_cast<int>(found - std::begin(kOrder));
}

}  // namespace lifecycle_rules

void check_lifecycle_rules(Json& rules, const std::function<std::string()>& make_id) {
  if (rules.empty() || rules.size() > lifecycle_rules::kMostRules) throw errors::malformed_xml();
  std::set<std::string> ids;
  for (Json& rule : rules) {
    lifecycle_rules::check_filter(rule);
    lifecycle_rules::check_actions(rule);
    if (text_of(rule, members::ID).empty()) rule[members::ID] = make_id();
    const std::string id = text_of(rule, members::ID);
    if (id.size() > lifecycle_rules::kIdBytes) {
      throw errors::invalid_argument("ID length should not exceed allowed limit of 255", "ID", id);
    }
    if (!ids.insert(id).second) {
      throw errors::invalid_argument("Rule ID must be unique. Found same ID for more than one rule",
                                     "ID", id);
    }
  }
}

WorldTime lifecycle_due(WorldTime start, int64_t days) {
  const int64_t whole = start.ms / kLifecycleDayMs + days;
  return WorldTime{(whole + 1) * kLifecycleDayMs};
}

Lifecycle::Lifecycle(const Json& document) {
  least_size_varies_ =
      text_of(document, members::TransitionDefaultMinimumObjectSize) == "varies_by_storage_class";
  const Json rules = document.value(members::Rules, Json::array());
  for (const Json& rule : rules) {
    if (rule[members::Status] == "Enabled") rules_.push_back(rule);
  }
}

std::optional<Lifecycle::Expiry> Lifecycle::expiry(std::string_view key,
                                                   const Object& object) const {
  std::optional<Expiry> first;
  for (const Json& rule : rules_) {
    const auto action = rule.find(members::Expiration);
    if (action == rule.end() || !lifecycle_rules::matches(rule, key, object)) continue;
    const auto at = lifecycle_rules::due_of(*action, members::Days, object.modified);
    if (at && (!first || at->ms < first->at.ms)) first = Expiry{*at, text_of(rule, members::ID)};
  }
  return first;
}

bool Lifecycle::drops_marker(std::string_view key, const Object& marker, WorldTime now) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Json& rule) {
    const auto action = rule.find(members::Expiration);
    if (action == rule.end() || !lifecycle_rules::matches(rule, key, marker)) return false;
    if (action->value(members::ExpiredObjectDeleteMarker, false)) return true;
    const auto at = lifecycle_rules::due_of(*action, members::Days, marker.modified);
    return at && at->ms <= now.ms;
  });
}

bool Lifecycle::drops_noncurrent(std::string_view key, const Object& object, WorldTime since,
                                 size_t newer, WorldTime now) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Json& rule) {
    const auto action = rule.find(members::NoncurrentVersionExpiration);
    if (action == rule.end() || !lifecycle_rules::matches(rule, key, object)) return false;
    if (newer < action->value(members::NewerNoncurrentVersions, size_t{0})) return false;
    const auto at = lifecycle_rules::due_of(*action, members::NoncurrentDays, since);
    return at && at->ms <= now.ms;
  });
}

bool Lifecycle::may_move(const Json& rule, const Object& object, const std::string& to) const {
  if (lifecycle_rules::rank(to) <= lifecycle_rules::rank(object.storage_class)) return false;
  if (lifecycle_rules::filters_by_size(rule)) return true;
  const bool archive = to == "GLACIER" || to == "DEEP_ARCHIVE";
  return (least_size_varies_ && archive) || object.size >= lifecycle_rules::kLeastMoved;
}

std::string Lifecycle::transition(std::string_view key, const Object& object, WorldTime now) const {
  std::string coldest;
  for (const Json& rule : rules_) {
    const auto list = rule.find(members::Transitions);
    if (list == rule.end() || !lifecycle_rules::matches(rule, key, object)) continue;
    for (const Json& one : *list) {
      const std::string to = text_of(one, members::StorageClass);
      const auto at = lifecycle_rules::due_of(one, members::Days, object.modified);
      if (!at || at->ms > now.ms || !may_move(rule, object, to)) continue;
      if (lifecycle_rules::rank(to) > lifecycle_rules::rank(coldest)) coldest = to;
    }
  }
  return coldest;
}

std::string Lifecycle::noncurrent_transition(std::string_view key, const Object& object,
                                             WorldTime since, size_t newer, WorldTime now) const {
  std::string coldest;
  for (const Json& rule : rules_) {
    const auto list = rule.find(members::NoncurrentVersionTransitions);
    if (list == rule.end() || !lifecycle_rules::matches(rule, key, object)) continue;
    for (const Json& one : *list) {
      const std::string to = text_of(one, members::StorageClass);
      const auto at = lifecycle_rules::due_of(one, members::NoncurrentDays, since);
      if (!at || at->ms > now.ms || !may_move(rule, object, to)) continue;
      if (newer < one.value(members::NewerNoncurrentVersions, size_t{0})) continue;
      if (lifecycle_rules::rank(to) > lifecycle_rules::rank(coldest)) coldest = to;
    }
  }
  return coldest;
}

std::optional<Lifecycle::Expiry> Lifecycle::abort(std::string_view key, WorldTime initiated) const {
  std::optional<Expiry> first;
  for (const Json& rule : rules_) {
    const auto action = rule.find(members::AbortIncompleteMultipartUpload);
    if (action == rule.end() || !lifecycle_rules::matches(rule, key, Object())) continue;
    const auto at = lifecycle_rules::due_of(*action, members::DaysAfterInitiation, initiated);
    if (at && (!first || at->ms < first->at.ms)) first = Expiry{*at, text_of(rule, members::ID)};
  }
  return first;
}

}  // namespace paddock::services::s3
