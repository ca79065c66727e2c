// Log groups, their retention and their tags.
#include <algorithm>

#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::logs {
namespace listing {

// ListLogGroups' pattern: up to five parts of names, each of which may be bound to the begin.
bool named_like(const std::string& name, std::string_view pattern) {
  for (std::string_view part : split(pattern, '|')) {
    const bool begins = part.starts_with('^');
    if (begins) part.remove_prefix(1);
    if (begins ? name.starts_with(part) : name.find(part) != std::string::npos) return true;
  }
  return pattern.empty();
}

std::string retention_values() {
  std::string text;
  for (int days : kRetentionDays) {
    text += (text.empty() ? "" : ", ") + std::to_string(days);
  }
  return text;
}

void merge_tags(Json& tags, const Json& added) {
  tags.update(added);
  if (tags.size() > kMostTags) {
    throw AwsError("TooManyTagsException",
                   "A resource can have no more than " + std::to_string(kMostTags) + " tags.");
  }
}

void erase_tags(Json& tags, const Json& names) {
  for (const Json& name : names) {
    tags.erase(name.get<std::string>());
  }
}

std::string name_in(const Json& input) {
  const std::optional<std::string> name = group_name_of(input.at(members::resourceArn));
  if (!name || *name == input.at(members::resourceArn)) {
    throw errors::invalid("Invalid resource ARN: only log groups can be tagged");
  }
  return *name;
}

}  // namespace listing

Group Logs::require_group(const Context& context, const std::string& name) const {
  std::optional<Group> group = store_.group(context.realm->id, name);
  if (!group) {
    throw errors::no_group();
  }
  return *std::move(group);
}

void Logs::change_group(Context& context, const std::string& name,
                        const std::function<void(Group&, storage::Batch&)>& apply) {
  const auto guard = platform_.locks.lock(Store::group_key(context.realm->id, name));
  Group group = require_group(context, name);
  storage::Batch batch;
  apply(group, batch);
  store_.put_group(context.realm->id, group, batch);
  context.commit(batch);
}

gateway::Output Logs::create_log_group(Context& context, Json input) {
  Group group;
  group.name = input.at(members::logGroupName);
  group.created_ms = platform_.world.now().ms;
  group.log_class = input.value(members::logGroupClass, group.log_class);
  group.kms_key = input.value(members::kmsKeyId, std::string());
  group.deletion_protected = input.value(members::deletionProtectionEnabled, false);
  group.tags = input.value(members::tags, Json::object());
  const auto guard = platform_.locks.lock(Store::group_key(context.realm->id, group.name));
  if (store_.group(context.realm->id, group.name)) {
    throw errors::group_exists();
  }
  group.id = store_.next_id(context.realm->id);
  storage::Batch batch;
  store_.put_group(context.realm->id, group, batch);
  context.commit(batch);
  return {};
}

gateway::Output Logs::delete_log_group(Context& context, Json input) {
  const std::string name = input.at(members::logGroupName);
  const auto guard = platform_.locks.lock(Store::group_key(context.realm->id, name));
  const Group group = require_group(context, name);
  if (group.deletion_protected) {
    throw AwsError("ValidationException",
                   "The log group cannot be deleted: deletion protection is enabled.");
  }
  storage::Batch batch;
  store_.erase_group(context.realm->id, group, batch);
  platform_.scheduler.cancel(batch, retention_timer(context.realm->id, name));
  context.commit(batch);
  return {};
}

Json Logs::describe(const Context& context, const Group& group, bool with_sizes) const {
  const std::string arn = context.arn("log-group:" + group.name);
  Json document = {{members::logGroupName, group.name},
                   {members::creationTime, group.created_ms},
                   {members::metricFilterCount, group.metric_filters},
                   {members::arn, arn + ":*"},
                   {members::logGroupClass, group.log_class},
                   {members::logGroupArn, arn}};
  if (group.retention_days != 0) {
    document[members::retentionInDays] = group.retention_days;
  }
  if (!group.kms_key.empty()) {
    document[members::kmsKeyId] = group.kms_key;
  }
  if (with_sizes) {
    uint64_t bytes = 0;
    store_.streams(context.realm->id, group.id, "", "", [&bytes](const Stream& stream) {
      bytes += stream.bytes;
      return true;
    });
    document[members::storedBytes] = bytes;
    document[members::deletionProtectionEnabled] = group.deletion_protected;
  }
  return document;
}

gateway::Output Logs::describe_log_groups(Context& context, Json input) {
  const std::string prefix = input.value(members::logGroupNamePrefix, std::string());
  const std::string pattern = input.value(members::logGroupNamePattern, std::string());
  if (!prefix.empty() && !pattern.empty()) {
    throw errors::invalid(
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  if (input.value(members::includeLinkedAccounts, false)) {
    throw errors::not_emulated("includeLinkedAccounts");
  }
  const std::string wanted_class = input.value(members::logGroupClass, std::string());
  std::vector<std::string> only;
  for (const Json& identifier : input.value(members::logGroupIdentifiers, Json::array())) {
    only.push_back(group_name_of(identifier).value_or(""));
  }
  const size_t most = input.value(members::limit, kMostDescribed);
  Json answer = {{members::logGroups, Json::array()}};
  Json& found = answer[members::logGroups];
  store_.groups(context.realm->id, prefix, page_after(input), [&](const Group& group) {
    if (group.name.find(pattern) == std::string::npos ||
        (!wanted_class.empty() && group.log_class != wanted_class) ||
        (!only.empty() && std::find(only.begin(), only.end(), group.name) == only.end())) {
      return true;
    }
    if (found.size() == most) {
      answer[members::nextToken] = page_token(found.back()[members::logGroupName]);
      return false;
    }
    found.push_back(describe(context, group, pattern.empty()));
    return true;
  });
  return answer;
}

gateway::Output Logs::list_log_groups(Context& context, Json input) {
  refuse_members(input, {members::accountIdentifiers, members::dataSources,
                         members::fieldIndexNames, members::logGroupTags});
  if (input.value(members::includeLinkedAccounts, false)) {
    throw errors::not_emulated("includeLinkedAccounts");
  }
  const std::string pattern = input.value(members::logGroupNamePattern, std::string());
  const std::string wanted_class = input.value(members::logGroupClass, std::string());
  const size_t most = input.value(members::limit, kMostDescribed);
  Json answer = {{members::logGroups, Json::array()}};
  Json& found = answer[members::logGroups];
  store_.groups(context.realm->id, "", page_after(input), [&](const Group& group) {
    if (!listing::named_like(group.name, pattern) ||
        (!wanted_class.empty() && group.log_class != wanted_class)) {
      return true;
    }
    if (found.size() == most) {
      answer[members::nextToken] = page_token(found.back()[members::logGroupName]);
      return false;
    }
    found.push_back({{members::logGroupName, group.name},
                     {members::logGroupArn, context.arn("log-group:" + group.name)},
                     {members::logGroupClass, group.log_class}});
    return true;
  });
  return answer;
}

gateway::Output Logs::put_deletion_protection(Context& context, Json input) {
  const Group group = group_of(context, input);
  change_group(context, group.name, [&](Group& changed, storage::Batch&) {
    changed.deletion_protected = input.at(members::deletionProtectionEnabled);
  });
  return {};
}

// The key is a record: events are kept as they are.
void Logs::set_kms_key(Context& context, const Json& input, const std::string& key) {
  const bool named = input.contains(members::logGroupName);
  if (named == input.contains(members::resourceIdentifier)) {
    throw errors::invalid("Either logGroupName or resourceIdentifier must be given, but not both.");
  }
  std::optional<std::string> name;
  if (named) {
    name = input[members::logGroupName].get<std::string>();
  } else {
    name = group_name_of(input[members::resourceIdentifier]);
    if (!name) throw errors::not_emulated("A key for the results of queries");
  }
  change_group(context, *name, [&key](Group& group, storage::Batch&) { group.kms_key = key; });
}

gateway::Output Logs::associate_kms_key(Context& context, Json input) {
  set_kms_key(context, input, input.at(members::kmsKeyId));
  return {};
}

gateway::Output Logs::disassociate_kms_key(Context& context, Json input) {
  set_kms_key(context, input, "");
  return {};
}

gateway::Output Logs::put_retention_policy(Context& context, Json input) {
  const int64_t days = input.at(members::retentionInDays);
  if (std::find(kRetentionDays.begin(), kRetentionDays.end(), days) == kRetentionDays.end()) {
    throw errors::invalid("1 validation error detected: Value '" + std::to_string(days) +
                          "' at 'retentionInDays' failed to satisfy constraint: Member must "
                          "satisfy enum value set: [" +
                          listing::retention_values() + "]");
  }
  const std::string name = input.at(members::logGroupName);
  change_group(context, name, [&](Group& group, storage::Batch& batch) {
    group.retention_days = static_cast<int>(days);
    platform_.scheduler.set(batch, retention_timer(context.realm->id, name));
  });
  return {};
}

gateway::Output Logs::delete_retention_policy(Context& context, Json input) {
  const std::string name = input.at(members::logGroupName);
  change_group(context, name, [&](Group& group, storage::Batch& batch) {
    group.retention_days = 0;
    platform_.scheduler.cancel(batch, retention_timer(context.realm->id, name));
  });
  return {};
}

// Reads leave out what is too old; this gives its space back, once a day of world time.
void Logs::trim(const events::Timer& timer) {
  const auto guard = platform_.locks.lock(Store::group_key(timer.realm, timer.id));
  const std::optional<Group> group = store_.group(timer.realm, timer.id);
  storage::Batch batch;
  if (group && group->retention_days != 0) {
    store_.trim(timer.realm, group->id, group->oldest_ms(platform_.world.now().ms), batch);
    platform_.scheduler.set(batch, retention_timer(timer.realm, timer.id));
  } else {
    platform_.scheduler.cancel(batch, timer);
  }
  try {
    platform_.database.commit(batch);
  } catch (const storage::DeadRealm&) {
    return;  // the timer is gone with its realm
  }
}

gateway::Output Logs::tag_log_group(Context& context, Json input) {
  change_group(context, input.at(members::logGroupName), [&](Group& group, storage::Batch&) {
    listing::merge_tags(group.tags, input.at(members::tags));
  });
  return {};
}

gateway::Output Logs::untag_log_group(Context& context, Json input) {
  change_group(context, input.at(members::logGroupName), [&](Group& group, storage::Batch&) {
    listing::erase_tags(group.tags, input.at(members::tags));
  });
  return {};
}

gateway::Output Logs::list_tags_log_group(Context& context, Json input) {
  return Json{{members::tags, require_group(context, input.at(members::logGroupName)).tags}};
}

gateway::Output Logs::tag_resource(Context& context, Json input) {
  change_group(context, listing::name_in(input), [&](Group& group, storage::Batch&) {
    listing::merge_tags(group.tags, input.at(members::tags));
  });
  return {};
}

gateway::Output Logs::untag_resource(Context& context, Json input) {
  change_group(context, listing::name_in(input), [&](Group& group, storage::Batch&) {
    listing::erase_tags(group.tags, input.at(members::tagKeys));
  });
  return {};
}

gateway::Output Logs::list_tags_for_resource(Context& context, Json input) {
  return Json{{members::tags, require_group(context, listing::name_in(input)).tags}};
}

}  // namespace paddock::services::logs
