// StartLiveTail.
#include "events/waiters.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"

namespace paddock::services::logs {
namespace tailing {

void check_streams(const Json& input) {
  const bool names = input.contains(members::logStreamNames);
  const bool prefixes = input.contains(members::logStreamNamePrefixes);
  if (names && prefixes) {
    throw errors::invalid(
        "logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.");
  }
  if ((names || prefixes) && input.at(members::logGroupIdentifiers).size() != 1) {
    throw errors::invalid(
        "logStreamNames and logStreamNamePrefixes can only be used with one log group.");
  }
}

std::vector<std::string> texts(const Json& input, const char* member) {
  return input.value(member, std::vector<std::string>());
}

// A document of LiveTailSessionStart.
Json beginning(const Json& input, const std::string& request, const std::string& session) {
  Json start = {{members::requestId, request}, {members::sessionId, session}};
  for (const char* member : {members::logGroupIdentifiers, members::logStreamNames,
                             members::logStreamNamePrefixes, members::logEventFilterPattern}) {
    const auto found = input.find(member);
    if (found != input.end()) start[member] = *found;
  }
  return start;
}

}  // namespace tailing

gateway::Output Logs::start_live_tail(Context& context, Json input) {
  tailing::check_streams(input);
  LiveTailSettings settings;
  settings.realm = context.realm->id;
  settings.account = context.account;
  settings.pattern = Pattern(input.value(members::logEventFilterPattern, std::string()));
  settings.streams = tailing::texts(input, members::logStreamNames);
  settings.prefixes = tailing::texts(input, members::logStreamNamePrefixes);
  for (const Json& identifier : input.at(members::logGroupIdentifiers)) {
    const Group group = require_group(context, group_name_of(identifier).value_or(""));
    require_standard(group);
    settings.groups.insert(group.id);
  }
  const std::string session = platform_.ids.uuid(context.realm->id, "logs-live-tail");
  Json start = tailing::beginning(input, context.request_id, session);
  // Before the answer begins, so that what is written once it has is not missed.
  std::shared_ptr<LiveTails::Entry> entry = tails_.add(std::move(settings));
  return gateway::EventStream(
      Json(), [this, &context, entry = std::move(entry), start = std::move(start)](
                  gateway::EventWriter& writer) { return tail(context, entry, start, writer); });
}

Task<void> Logs::tail(Context& context, std::shared_ptr<LiveTails::Entry> entry, Json start,
                      gateway::EventWriter& writer) {
  const WorldTime end = platform_.world.now() + kLongestLiveTail;
  co_await writer.send("sessionStart", std::move(start));
  // A session that waits keeps nothing from being quiet.
  context.activity.release();
  while (platform_.world.now() < end) {
    events::Waiter waiter = platform_.waiters.prepare("logs:live-tail");
    const WorldTime next = platform_.world.now() + kLiveTailUpdate;
    const events::Wake wake = co_await waiter.wait(next, context.cancelled);
    if (wake == events::Wake::cancelled || wake == events::Wake::stopping) co_return;
    Json update = entry->tail().update();
    co_await writer.send("sessionUpdate", std::move(update));
  }
  throw AwsError("SessionTimeoutException", "The Live Tail session has ended after three hours.");
}

}  // namespace paddock::services::logs
