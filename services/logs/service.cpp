#include "services/logs/service.hpp"

#include "core/arn.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"

namespace paddock::services::logs {
namespace table {

constexpr const char* kRetentionTarget = "logs:retention";

std::vector<std::string> group_arn(const gateway::RequestContext& context, const Json& input) {
  std::string name = input.value(members::logGroupName, std::string());
  if (name.empty()) {
    name = group_name_of(input.value(members::logGroupIdentifier, std::string())).value_or("");
  }
  return {context.arn("log-group:" + name)};
}

std::vector<std::string> stream_arn(const gateway::RequestContext& context, const Json& input) {
  return {group_arn(context, input)[0] +
          ":log-stream:" + input.value(members::logStreamName, std::string())};
}

std::vector<std::string> resource_arn(const gateway::RequestContext&, const Json& input) {
  return {input.value(members::resourceArn, std::string())};
}

std::string_view message_member(std::string_view) {
  return "message";
}

AwsError invalid(const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
  for (const wire::Violation& violation : violations) {
    const bool name =
        violation.path == members::logGroupName || violation.path == members::logStreamName;
    if (name && violation.rule == wire::Violation::Rule::length &&
        violation.text.find("less than or equal") != std::string::npos) {
      return errors::invalid(
          "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
    }
  }
  return errors::invalid(wire::summary(violations));
}

}  // namespace table

Logs::Logs(gateway::Platform& platform) : platform_(platform), store_(platform.database) {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  using gateway::slow;
  constexpr auto kGroup = &table::group_arn;
  constexpr auto kStream = &table::stream_arn;
  constexpr auto kResource = &table::resource_arn;
  constexpr std::string_view kByGroup = members::logGroupName;
  gateway::Api api;
  api.model = &::paddock::models::logs;
  api.invalid = &table::invalid;
  api.error_style.message_member = &table::message_member;
  const Fidelity full = Fidelity::full();
  api.operations = {
      {"CreateLogGroup", plain(this, &Logs::create_log_group), Access::write, full,
       "logs:CreateLogGroup", kGroup, kByGroup},
      {"DeleteLogGroup", slow(this, &Logs::delete_log_group), Access::write, full,
       "logs:DeleteLogGroup", kGroup, kByGroup},
      {"DescribeLogGroups", slow(this, &Logs::describe_log_groups), Access::read,
       Fidelity::partial("own account only"), "logs:DescribeLogGroups", nullptr, ""},
      {"PutRetentionPolicy", plain(this, &Logs::put_retention_policy), Access::write, full,
       "logs:PutRetentionPolicy", kGroup, kByGroup},
      {"DeleteRetentionPolicy", plain(this, &Logs::delete_retention_policy), Access::write, full,
       "logs:DeleteRetentionPolicy", kGroup, kByGroup},
      {"TagLogGroup", plain(this, &Logs::tag_log_group), Access::write, full, "logs:TagLogGroup",
       kGroup, kByGroup},
      {"UntagLogGroup", plain(this, &Logs::untag_log_group), Access::write, full,
       "logs:UntagLogGroup", kGroup, kByGroup},
      {"ListTagsLogGroup", plain(this, &Logs::list_tags_log_group), Access::read, full,
       "logs:ListTagsLogGroup", kGroup, kByGroup},
      {"TagResource", plain(this, &Logs::tag_resource), Access::write, full, "logs:TagResource",
       kResource, ""},
      {"UntagResource", plain(this, &Logs::untag_resource), Access::write, full,
       "logs:UntagResource", kResource, ""},
      {"ListTagsForResource", plain(this, &Logs::list_tags_for_resource), Access::read, full,
       "logs:ListTagsForResource", kResource, ""},
      {"CreateLogStream", plain(this, &Logs::create_log_stream), Access::write, full,
       "logs:CreateLogStream", kGroup, kByGroup},
      {"DeleteLogStream", slow(this, &Logs::delete_log_stream), Access::write, full,
       "logs:DeleteLogStream", kStream, kByGroup},
      {"DescribeLogStreams", slow(this, &Logs::describe_log_streams), Access::read, full,
       "logs:DescribeLogStreams", kGroup, kByGroup},
      {"PutLogEvents", slow(this, &Logs::put_log_events), Access::write, full, "logs:PutLogEvents",
       kStream, kByGroup},
      {"GetLogEvents", slow(this, &Logs::get_log_events), Access::read, full, "logs:GetLogEvents",
       kStream, kByGroup},
      {"FilterLogEvents", slow(this, &Logs::filter_log_events), Access::read, full,
       "logs:FilterLogEvents", kGroup, kByGroup},
  };
  add_operations(api.operations);
  apis_.push_back(std::move(api));
  platform_.log_sink.sink = this;
  platform_.scheduler.handle(table::kRetentionTarget,
                             [this](const events::Timer& timer) { trim(timer); });
  platform_.outbox.add_target(
      kSubscriptionTarget, [this](events::OutboxEntry entry) { return deliver(std::move(entry)); });
}

// The rows of filters, records and live tails.
void Logs::add_operations(std::vector<gateway::Operation>& operations) {
  using gateway::Access;
  using gateway::Fidelity;
  const Fidelity full = Fidelity::full();
  const Fidelity own = Fidelity::partial("own account only");
  const Fidelity functions = Fidelity::partial("functions as destinations only");
  const Fidelity record = Fidelity::partial("kept as a record");
  const Fidelity account = Fidelity::partial("policies of the account, kept as a record");
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       Fidelity fidelity, std::string_view action, gateway::ResourceArns arns) {
    operations.push_back({name, std::move(handler), access, fidelity, action, arns,
                          arns == &table::group_arn ? members::logGroupName : "", nullptr});
  };
  const auto plain = [this](auto method) { return gateway::plain(this, method); };
  const auto slow = [this](auto method) { return gateway::slow(this, method); };
  constexpr auto kGroup = &table::group_arn;
  add("ListLogGroups", slow(&Logs::list_log_groups), Access::read, own, "logs:ListLogGroups",
      nullptr);
  add("PutLogGroupDeletionProtection", plain(&Logs::put_deletion_protection), Access::write, full,
      "logs:PutLogGroupDeletionProtection", kGroup);
  add("AssociateKmsKey", plain(&Logs::associate_kms_key), Access::write, record,
      "logs:AssociateKmsKey", kGroup);
  add("DisassociateKmsKey", plain(&Logs::disassociate_kms_key), Access::write, record,
      "logs:DisassociateKmsKey", kGroup);
  add("PutSubscriptionFilter", gateway::waiting(this, &Logs::put_subscription_filter),
      Access::write, functions, "logs:PutSubscriptionFilter", kGroup);
  add("DescribeSubscriptionFilters", plain(&Logs::describe_subscription_filters), Access::read,
      full, "logs:DescribeSubscriptionFilters", kGroup);
  add("DeleteSubscriptionFilter", plain(&Logs::delete_subscription_filter), Access::write, full,
      "logs:DeleteSubscriptionFilter", kGroup);
  add("PutMetricFilter", plain(&Logs::put_metric_filter), Access::write, full,
      "logs:PutMetricFilter", kGroup);
  add("DescribeMetricFilters", slow(&Logs::describe_metric_filters), Access::read, full,
      "logs:DescribeMetricFilters", kGroup);
  add("DeleteMetricFilter", plain(&Logs::delete_metric_filter), Access::write, full,
      "logs:DeleteMetricFilter", kGroup);
  add("TestMetricFilter", slow(&Logs::test_metric_filter), Access::read, full,
      "logs:TestMetricFilter", nullptr);
  add("PutResourcePolicy", plain(&Logs::put_resource_policy), Access::write, account,
      "logs:PutResourcePolicy", nullptr);
  add("DescribeResourcePolicies", plain(&Logs::describe_resource_policies), Access::read, account,
      "logs:DescribeResourcePolicies", nullptr);
  add("DeleteResourcePolicy", plain(&Logs::delete_resource_policy), Access::write, account,
      "logs:DeleteResourcePolicy", nullptr);
  add("PutDestination", plain(&Logs::put_destination), Access::write, record, "logs:PutDestination",
      nullptr);
  add("PutDestinationPolicy", plain(&Logs::put_destination_policy), Access::write, record,
      "logs:PutDestinationPolicy", nullptr);
  add("DescribeDestinations", plain(&Logs::describe_destinations), Access::read, record,
      "logs:DescribeDestinations", nullptr);
  add("DeleteDestination", plain(&Logs::delete_destination), Access::write, record,
      "logs:DeleteDestination", nullptr);
  add("StartLiveTail", plain(&Logs::start_live_tail), Access::read, full, "logs:StartLiveTail",
      nullptr);
}

events::Timer Logs::retention_timer(RealmId realm, const std::string& group) const {
  events::Timer timer;
  timer.realm = realm;
  timer.target = table::kRetentionTarget;
  timer.id = group;
  timer.due = platform_.world.now() + Milliseconds(kDayMs);
  return timer;
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Logs>(platform);
}

std::vector<std::string> Logs::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  store_.groups(realm.id, "", "", [&](const Group& group) {
    arns.push_back(make_arn("logs", realm.region, realm.account, "log-group:" + group.name));
    return true;
  });
  return arns;
}

}  // namespace paddock::services::logs
