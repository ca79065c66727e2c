#include "services/s3/notification_rules.hpp"

#include <algorithm>
#include <set>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {
namespace notification_rules {

constexpr std::string_view kScheme = "s3:";

struct List {
  const char* member;
  const char* arn;
  std::string_view argument;
  std::string_view service;
};
constexpr List kLists[] = {
    {members::TopicConfigurations, members::TopicArn, "Topic", "sns"},
    {members::QueueConfigurations, members::QueueArn, "Queue", "sqs"},
    {members::LambdaFunctionConfigurations, members::LambdaFunctionArn, "CloudFunction", "lambda"},
};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
bool is_event(std::string_view name) {
  static const std::set<std::string_view> kEvents{
      "s3:ReducedRedundancyLostObject",
      "s3:ObjectCreated:*",
      "s3:ObjectCreated:Put",
      "s3:ObjectCreated:Post",
      "s3:ObjectCreated:Copy",
      "s3:ObjectCreated:CompleteMultipartUpload",
      "s3:ObjectRemoved:*",
      "s3:ObjectRemoved:Delete",
      "s3:ObjectRemoved:DeleteMarkerCreated",
      "s3:ObjectRestore:*",
      "s3:ObjectRestore:Post",
      "s3:ObjectRestore:Completed",
      "s3:ObjectRestore:Delete",
      "s3:Replication:*",
      "s3:Replication:OperationFailedReplication",
      "s3:Replication:OperationNotTracked",
      "s3:Replication:OperationMissedThreshold",
      "s3:Replication:OperationReplicatedAfterThreshold",
      "s3:LifecycleTransition",
      "s3:IntelligentTiering",
      "s3:ObjectAcl:Put",
      "s3:LifecycleExpiration:*",
      "s3:LifecycleExpiration:Delete",
      "s3:LifecycleExpiration:DeleteMarkerCreated",
      "s3:ObjectTagging:*",
      "s3:ObjectTagging:Put",
      "s3:ObjectTagging:Delete",
  };
  return kEvents.count(name) > 0;
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (wide == narrow) return true;
  return wide.ends_with(":*") && narrow.starts_with(wide.substr(0, wide.size() - 1));
}

bool share_an_event(const Notification& a, const Notification& b) {
  for (const std::string& one : a.events) {
    for (const std::string& other : b.events) {
      if (covers(one, other) || covers(other, one)) return true;
    }
  }
  return false;
}

bool share_keys(const Notification& a, const Notification& b) {
  const bool prefixes = a.prefix.starts_with(b.prefix) || b.prefix.starts_with(a.prefix);
  const bool suffixes = a.suffix.ends_with(b.suffix) || b.suffix.ends_with(a.suffix);
  return prefixes && suffixes;
}

// "prefix" in any case is "Prefix".
void check_filter(Json& rules) {
  std::set<std::string> seen;
  for (Json& rule : rules) {
    std::string name = text_of(rule, members::Name);
    const bool prefix = equal_ignore_case(name, "prefix");
    if (!prefix && !equal_ignore_case(name, "suffix")) {
      throw errors::invalid_argument("filter rule name must be either prefix or suffix",
                                     "FilterRule.Name", name);
    }
    name = prefix ? "Prefix" : "Suffix";
    if (!seen.insert(name).second) {
      throw errors::invalid_argument(
          "Cannot specify more than one " + to_lower(name) + " rule in a filter.",
          "FilterRule.Name", to_lower(name));
    }
    const std::string value = text_of(rule, members::Value);
    if (value.size() > limits::kKeyBytes) {
      throw errors::invalid_argument("Size of filter rule value cannot exceed " +
                                         std::to_string(limits::kKeyBytes) + " bytes in UTF-8",
                                     "FilterRule.Value", value);
    }
    rule[members::Name] = name;
    rule[members::Value] = value;
  }
}

void check_one(const List& list, Json& one) {
  for (const Json& event : one[members::Events]) {
    const std::string& name = event.get_ref<const std::string&>();
    if (!is_event(name)) {
      throw errors::invalid_argument("The event is not supported for notifications", "Event", name);
    }
  }
  const std::string& text = one[list.arn].get_ref<const std::string&>();
  const std::optional<Arn> arn = Arn::parse(text);
  if (!arn || arn->service != list.service) {
    throw errors::invalid_argument("The ARN could not be parsed", list.argument, text);
  }
  if (one.contains(members::Filter) && one[members::Filter].contains(members::Key)) {
    Json& key = one[members::Filter][members::Key];
    if (key.contains(members::FilterRules)) check_filter(key[members::FilterRules]);
  }
}

void check_together(const std::vector<Notification>& all, std::string_view region) {
  std::set<std::string> ids;
  for (size_t i = 0; i < all.size(); i++) {
    if (!ids.insert(all[i].id).second) {
      throw errors::invalid_argument("Same ID used for multiple configurations. IDs must be unique",
                                     "Id", all[i].id);
    }
    if (Arn::parse(all[i].arn)->region != region) {
      throw errors::invalid_argument(
          "The notification destination service region is not valid for the bucket location "
          "constraint",
          all[i].argument, all[i].arn);
    }
    for (size_t j = 0; j < i; j++) {
      if (share_an_event(all[i], all[j]) && share_keys(all[i], all[j])) {
        throw AwsError("InvalidArgument",
                       "Configuration is ambiguously defined. Cannot have overlapping suffixes in "
                       "two rules if the prefixes are overlapping for the same event type.");
      }
    }
  }
}

}  // namespace notification_rules

bool Notification::wants(std::string_view event, std::string_view key) const {
  if (!key.starts_with(prefix) || !key.ends_with(suffix)) return false;
  return std::any_of(events.begin(), events.end(), [event](std::string_view one) {
    one.remove_prefix(notification_rules::kScheme.size());
    return notification_rules::covers(one, event);
  });
}

std::string Notification::service() const {
  const std::optional<Arn> parsed = Arn::parse(arn);
  return parsed ? parsed->service : "";
}

std::vector<Notification> notifications_of(const Json& configuration) {
  std::vector<Notification> found;
  for (const notification_rules::List& list : notification_rules::kLists) {
    const auto configured = configuration.find(list.member);
    if (configured == configuration.end()) continue;
    for (const Json& one : *configured) {
      Notification notification;
      notification.id = text_of(one, members::Id);
      notification.arn = text_of(one, list.arn);
      notification.argument = list.argument;
      notification.events = one[members::Events].get<std::vector<std::string>>();
      const Json filter = one.value(members::Filter, Json::object());
      const Json key = filter.value(members::Key, Json::object());
      const Json rules = key.value(members::FilterRules, Json::array());
      for (const Json& rule : rules) {
        (rule[members::Name] == "Prefix" ? notification.prefix : notification.suffix) =
            text_of(rule, members::Value);
      }
      found.push_back(std::move(notification));
    }
  }
  return found;
}

void check_notifications(Json& configuration, std::string_view region,
                         const std::function<std::string()>& make_id) {
  size_t count = 0;
  for (const notification_rules::List& list : notification_rules::kLists) {
    const auto configured = configuration.find(list.member);
    if (configured == configuration.end()) continue;
    count += configured->size();
    if (count > limits::kNotifications) throw errors::malformed_xml();
    for (Json& one : *configured) {
      notification_rules::check_one(list, one);
      if (text_of(one, members::Id).empty()) one[members::Id] = make_id();
    }
  }
  notification_rules::check_together(notifications_of(configuration), region);
}

}  // namespace paddock::services::s3
