// Subscription filters: their operations, and how events reach a function.
//
// An outbox entry, target kSubscriptionTarget, version 1: JSON {"v", "account", "region", "group",
// "filter", "function", "document"}: one invocation, with the document as it is before compression.
#include "core/arn.hpp"
#include "events/outbox.hpp"
#include "events/timeline.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::logs {
namespace subscriptions {

constexpr int kVersion = 1;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
void check_destination(const Json& input, const std::string& account) {
  const std::optional<Arn> arn = Arn::parse(input.at(members::destinationArn).get<std::string>());
  if (!arn) throw errors::invalid("Invalid destination ARN");
  if (arn->service == "lambda") {
    if (arn->account != account) throw errors::foreign_function();
    if (!arn->resource.starts_with("function:")) throw errors::cannot_invoke();
    return;
  }
  const bool vendor = arn->service == "kinesis" || arn->service == "firehose";
  if (vendor && !input.contains(members::roleArn)) {
    throw errors::invalid("destinationArn for vendor " + arn->service +
                          " cannot be used without roleArn");
  }
  throw errors::not_emulated("A subscription with the destination " + arn->text());
}

Json described(const Json& input, int64_t created_ms) {
  Json filter = {
      {members::filterName, input.at(members::filterName)},
      {members::filterPattern, input.at(members::filterPattern)},
      {members::destinationArn, input.at(members::destinationArn)},
      {members::distribution, input.value(members::distribution, std::string("ByLogStream"))},
      {members::applyOnTransformedLogs, input.value(members::applyOnTransformedLogs, false)},
      {members::creationTime, created_ms}};
  if (input.contains(members::roleArn)) filter[members::roleArn] = input[members::roleArn];
  return filter;
}

Json lookup(const Json& input) {
  return {{"FunctionName", input.at(members::destinationArn)}};
}

Json invocation(const Json& payload) {
  const std::string bytes = function_payload(payload.at("document"));
  return {{"FunctionName", payload.at("function")},
          {"InvocationType", "Event"},
          {"Payload", Json::binary({bytes.begin(), bytes.end()})}};
}

bool can_be_tried_again(const AwsError& error) {
  return error.status() >= 500 || error.code() == "TooManyRequestsException";
}

}  // namespace subscriptions

void Logs::check_subscription(const Context& context, const Json& input) const {
  refuse_members(input, {members::fieldSelectionCriteria, members::emitSystemFields});
  subscriptions::check_destination(input, context.account);
  require_standard(require_group(context, input.at(members::logGroupName)));
  const Pattern pattern(input.at(members::filterPattern).get<std::string>(), "subscription filter");
}

// The function is looked for before the filter is kept, as AWS does with a dry run.
Task<gateway::Output> Logs::put_subscription_filter(Context& context, Json input) {
  check_subscription(context, input);
  Json function = subscriptions::lookup(input);
  CallIdentity identity = service_identity(context.account, context.region, context.cause);
  bool found = true;
  try {
    co_await platform_.caller.call(std::move(identity), "lambda", "GetFunctionConfiguration",
                                   std::move(function));
  } catch (const AwsError&) {
    found = false;
  }
  if (!found) throw errors::cannot_invoke();
  co_await platform_.work.run([this, &context, &input] {
    keep_filter(context, kSubscriptionKind, input.at(members::logGroupName),
                subscriptions::described(input, platform_.world.now().ms));
    return 0;
  });
  co_return gateway::Output();
}

gateway::Output Logs::describe_subscription_filters(Context& context, Json input) {
  const Group group = require_group(context, input.at(members::logGroupName));
  Json answer = {{members::subscriptionFilters, Json::array()}};
  Json& found = answer[members::subscriptionFilters];
  const size_t most = input.value(members::limit, kMostDescribed);
  store_.filters(context.realm->id, kSubscriptionKind, group.id,
                 input.value(members::filterNamePrefix, std::string()), page_after(input),
                 [&](const Filter& filter) {
                   if (found.size() == most) {
                     answer[members::nextToken] = page_token(found.back()[members::filterName]);
                     return false;
                   }
                   Json one = filter.described;
                   one[members::logGroupName] = group.name;
                   found.push_back(std::move(one));
                   return true;
                 });
  return answer;
}

gateway::Output Logs::delete_subscription_filter(Context& context, Json input) {
  drop_filter(context, kSubscriptionKind, input);
  return {};
}

// Within the batch that writes the events.
void Logs::subscribe(const Realm& realm, const Group& group, const Stream& stream,
                     const std::vector<Event>& events, const Cause& cause, storage::Batch& batch) {
  if (group.subscription_filters == 0 || events.empty()) return;
  store_.filters(realm.id, kSubscriptionKind, group.id, "", "", [&](const Filter& filter) {
    for (std::string& document : subscription_documents(filter, realm.account, group.name, stream,
                                                        events, kMostSubscriptionBytes)) {
      const Json payload = {{"v", subscriptions::kVersion},
                            {"account", realm.account},
                            {"region", realm.region},
                            {"group", group.name},
                            {"filter", filter.name},
                            {"function", filter.described.at(members::destinationArn)},
                            {"document", std::move(document)}};
      events::OutboxEntry entry;
      entry.realm = realm.id;
      entry.target = kSubscriptionTarget;
      entry.payload = payload.dump(-1, ' ', false, Json::error_handler_t::replace);
      entry.cause = cause;
      entry.enqueued = platform_.world.now();
      platform_.outbox.add(batch, std::move(entry));
    }
    return true;
  });
}

Task<events::Delivered> Logs::deliver(events::OutboxEntry entry) {
  const Json payload = Json::parse(entry.payload);
  Json input = subscriptions::invocation(payload);
  std::optional<AwsError> failure;
  CallIdentity identity =
      service_identity(payload.at("account"), payload.at("region"), entry.cause);
  try {
    co_await platform_.caller.call(std::move(identity), "lambda", "Invoke", std::move(input));
  } catch (const AwsError& error) {
    failure = error;
  }
  if (!failure) co_return events::Delivered::done();
  const WorldTime again = platform_.world.now() + kRetryDelivery;
  const bool retried =
      subscriptions::can_be_tried_again(*failure) && again - entry.enqueued < kLongestRetry;
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "not-invoked";
  event.what = "subscription filter " + payload.at("filter").get<std::string>();
  event.resource = payload.at("function");
  event.outcome = failure->message() + (retried ? " It will be tried again." : "");
  event.cause = entry.cause;
  event.account = payload.at("account");
  event.region = payload.at("region");
  platform_.timeline.record(std::move(event));
  co_return retried ? events::Delivered::retry(again) : events::Delivered::done();
}

}  // namespace paddock::services::logs
