// Writing, reading and searching log events.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/pattern.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::logs {
namespace upload {

constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
void check(const Json& events) {
  size_t total = 0;
  int64_t former = 0;
  for (const Json& event : events) {
    const size_t bytes =
        event.at(members::message).get_ref<const std::string&>().size() + kEventOverhead;
    if (bytes > kMostEventBytes) {
      throw errors::invalid("Log event too large: " + std::to_string(bytes) +
                            " bytes exceeds limit of " + std::to_string(kMostEventBytes));
    }
    total += bytes;
    const int64_t at = event.at(members::timestamp);
    if (at < former) {
      throw errors::invalid(
          "Log events in a single PutLogEvents request must be in chronological order.");
    }
    former = at;
  }
  if (total > kMostBatchBytes) {
    throw errors::invalid("Upload too large: " + std::to_string(total) +
                          " bytes exceeds limit of " + std::to_string(kMostBatchBytes));
  }
  if (former - events.front().at(members::timestamp).get<int64_t>() > kMostSpanMs) {
    throw errors::invalid(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 "
        "hours.");
  }
}

}  // namespace upload

Event Logs::add(RealmId realm, const Group& group, Stream& stream, int64_t timestamp_ms,
                std::string message, storage::Batch& batch) {
  Event event;
  event.at.timestamp_ms = timestamp_ms;
  event.at.sequence = stream.next_sequence++;
  event.ingested_ms = platform_.world.now().ms;
  event.message = std::move(message);
  if (stream.ingested_ms == 0 || timestamp_ms < stream.first_ms) {
    stream.first_ms = timestamp_ms;
  }
  stream.last_ms = std::max(stream.last_ms, timestamp_ms);
  stream.ingested_ms = event.ingested_ms;
  stream.bytes += event.message.size() + kEventOverhead;
  store_.put_event(realm, group.id, stream.id, event, batch);
  return event;
}

// What events set off once they are written.
void Logs::written(const Realm& realm, const Group& group, const Stream& stream,
                   const std::vector<Event>& events) {
  count(realm, group, events);
  tails_.publish(realm.id, group, stream.name, events);
}

gateway::Output Logs::put_log_events(Context& context, Json input) {
  const Json& events = input.at(members::logEvents);
  const Group group = require_group(context, input.at(members::logGroupName));
  const std::string name = input.at(members::logStreamName);
  upload::check(events);
  const auto guard = platform_.locks.lock(Store::stream_key(context.realm->id, group.id, name));
  Stream stream = require_stream(context, group, name);
  const WorldTime now = platform_.world.now();
  const int64_t oldest = (now - kOldest).ms;
  const int64_t expired = group.oldest_ms(now.ms);
  const int64_t newest = (now + kNewest).ms;
  Json rejected = Json::object();
  std::vector<Event> added;
  storage::Batch batch;
  for (size_t i = 0; i < events.size(); ++i) {
    // Clients stamp with their own clocks; what is kept and compared is world time.
    const int64_t at = platform_.world.from_client(events[i][members::timestamp].get<int64_t>()).ms;
    if (at < oldest) {
      rejected[members::tooOldLogEventEndIndex] = i + 1;
    } else if (at < expired) {
      rejected[members::expiredLogEventEndIndex] = i + 1;
    } else if (at > newest) {
      rejected.emplace(members::tooNewLogEventStartIndex, i);
    } else {
      added.push_back(
          add(context.realm->id, group, stream, at, events[i][members::message], batch));
    }
  }
  if (!batch.empty()) {
    store_.put_stream(context.realm->id, group.id, stream, batch);
    subscribe(*context.realm, group, stream, added, context.cause, batch);
    context.commit(batch);
    written(*context.realm, group, stream, added);
  }
  Json answer = {{members::nextSequenceToken, event_id({0, stream.next_sequence}, stream.id)}};
  if (!rejected.empty()) {
    answer[members::rejectedLogEventsInfo] = std::move(rejected);
  }
  return answer;
}

void Logs::append(const std::string& account, const std::string& region,
                  const std::string& group_name, const std::string& stream_name,
                  std::vector<events::LogLine> lines) {
  const std::shared_ptr<const Realm> realm = platform_.realms.get("logs", account, region);
  storage::Batch batch;
  Group group;
  {
    const auto guard = platform_.locks.lock(Store::group_key(realm->id, group_name));
    if (std::optional<Group> present = store_.group(realm->id, group_name)) {
      group = *std::move(present);
    } else {
      group.name = group_name;
      group.id = store_.next_id(realm->id);
      group.created_ms = platform_.world.now().ms;
      storage::Batch making;
      store_.put_group(realm->id, group, making);
      platform_.database.commit(making);
    }
  }
  const auto guard = platform_.locks.lock(Store::stream_key(realm->id, group.id, stream_name));
  Stream stream;
  if (std::optional<Stream> present = store_.stream(realm->id, group.id, stream_name)) {
    stream = *std::move(present);
  } else {
    stream.name = stream_name;
    stream.id = store_.next_id(realm->id);
    stream.created_ms = platform_.world.now().ms;
  }
  std::vector<Event> added;
  added.reserve(lines.size());
  for (events::LogLine& line : lines) {
    added.push_back(add(realm->id, group, stream, line.at.ms, std::move(line.text), batch));
  }
  store_.put_stream(realm->id, group.id, stream, batch);
  subscribe(*realm, group, stream, added, Cause(), batch);
  platform_.database.commit(batch);
  written(*realm, group, stream, added);
}

gateway::Output Logs::get_log_events(Context& context, Json input) {
  const Group group = group_of(context, input);
  const Stream stream = require_stream(context, group, input.at(members::logStreamName));
  Position begin;
  begin.timestamp_ms = std::max(input.value(members::startTime, int64_t{0}),
                                group.oldest_ms(platform_.world.now().ms));
  Position end;
  end.timestamp_ms = input.value(members::endTime, upload::kForever);
  bool forward = input.value(members::startFromHead, false);
  // Where the tokens of an empty page point to: past everything that the caller has seen.
  Position edge;
  if (input.contains(members::nextToken)) {
    const std::optional<PageToken> token =
        decode_token(input[members::nextToken].get<std::string>(), stream.id);
    if (!token) {
      throw errors::bad_token();
    }
    edge = token->at;
    forward = token->forward;
    if (forward) {
      Position next = token->at;
      ++next.sequence;
      begin = std::max(begin, next);
    } else {
      end = std::min(end, token->at);
    }
  }
  std::vector<Event> found =
      store_.events(context.realm->id, stream.id, begin, end,
                    forward ? storage::Direction::forward : storage::Direction::backward,
                    input.value(members::limit, kMostPageEvents), kMostPageBytes);
  if (!forward) {
    std::reverse(found.begin(), found.end());
  }
  Json events = Json::array();
  for (Event& event : found) {
    events.push_back({{members::timestamp, event.at.timestamp_ms},
                      {members::message, std::move(event.message)},
                      {members::ingestionTime, event.ingested_ms}});
  }
  PageToken ahead;
  ahead.at = found.empty() ? edge : found.back().at;
  PageToken back;
  back.forward = false;
  back.at = found.empty() ? edge : found.front().at;
  return Json{{members::events, std::move(events)},
              {members::nextForwardToken, encode_token(ahead, stream.id)},
              {members::nextBackwardToken, encode_token(back, stream.id)}};
}

gateway::Output Logs::filter_log_events(Context& context, Json input) {
  const Group group = group_of(context, input);
  const Pattern pattern(input.value(members::filterPattern, std::string()));
  const std::string prefix = input.value(members::logStreamNamePrefix, std::string());
  std::unordered_map<uint64_t, std::string> names;
  if (input.contains(members::logStreamNames)) {
    if (!prefix.empty()) {
      throw errors::invalid(
          "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
    }
    for (const Json& name : input[members::logStreamNames]) {
      const Stream stream = require_stream(context, group, name);
      names.emplace(stream.id, stream.name);
    }
  } else {
    store_.streams(context.realm->id, group.id, prefix, "", [&names](const Stream& stream) {
      names.emplace(stream.id, stream.name);
      return true;
    });
  }
  GroupPosition begin;
  begin.timestamp_ms = std::max(input.value(members::startTime, int64_t{0}),
                                group.oldest_ms(platform_.world.now().ms));
  if (input.contains(members::nextToken)) {
    const auto token = decode_filter_token(input[members::nextToken].get<std::string>(), group.id);
    if (!token) {
      throw errors::bad_token();
    }
    begin = *token;
  }
  const int64_t last =
      std::min(input.value(members::endTime, upload::kForever), upload::kForever - 1);
  const size_t most = input.value(members::limit, kMostPageEvents);
  Json answer = {{members::events, Json::array()}, {members::searchedLogStreams, Json::array()}};
  Json& found = answer[members::events];
  size_t bytes = 0;
  size_t scanned = 0;
  store_.by_time(context.realm->id, group.id, begin, last + 1, [&](const GroupPosition& at) {
    if (found.size() == most || bytes >= kMostPageBytes || scanned == kMostScanned) {
      answer[members::nextToken] = encode_filter_token(at, group.id);
      return false;
    }
    ++scanned;
    const auto name = names.find(at.stream);
    if (name == names.end()) {
      return true;
    }
    Position position;
    position.timestamp_ms = at.timestamp_ms;
    position.sequence = at.sequence;
    std::optional<Event> event = store_.event(context.realm->id, at.stream, position);
    if (!event || !pattern.matches(event->message)) {
      return true;
    }
    bytes += event->message.size() + kEventOverhead;
    found.push_back({{members::logStreamName, name->second},
                     {members::timestamp, at.timestamp_ms},
                     {members::message, std::move(event->message)},
                     {members::ingestionTime, event->ingested_ms},
                     {members::eventId, event_id(position, at.stream)}});
    return true;
  });
  return answer;
}

}  // namespace paddock::services::logs
