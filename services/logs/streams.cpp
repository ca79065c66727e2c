// Log streams.
#include <algorithm>

#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::logs {
namespace stream_pages {

Json describe(const Stream& stream, const std::string& group_arn) {
  Json document = {{members::logStreamName, stream.name},
                   {members::creationTime, stream.created_ms},
                   {members::arn, group_arn + ":log-stream:" + stream.name},
                   {members::storedBytes, 0}};  // AWS has shown 0 here since 2019
  if (stream.ingested_ms != 0) {
    document[members::firstEventTimestamp] = stream.first_ms;
    document[members::lastEventTimestamp] = stream.last_ms;
    document[members::lastIngestionTime] = stream.ingested_ms;
    document[members::uploadSequenceToken] = event_id({0, stream.next_sequence}, stream.id);
  }
  return document;
}

}  // namespace stream_pages

Group Logs::group_of(const Context& context, const Json& input) const {
  const bool named = input.contains(members::logGroupName);
  if (named && input.contains(members::logGroupIdentifier)) {
    throw AwsError("ValidationException",
                   "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  if (named) {
    return require_group(context, input[members::logGroupName]);
  }
  if (!input.contains(members::logGroupIdentifier)) {
    throw errors::invalid("Either logGroupName or logGroupIdentifier must be given.");
  }
  const std::optional<std::string> name = group_name_of(input[members::logGroupIdentifier]);
  if (!name) {
    throw errors::no_group();
  }
  return require_group(context, *name);
}

Stream Logs::require_stream(const Context& context, const Group& group,
                            const std::string& name) const {
  std::optional<Stream> stream = store_.stream(context.realm->id, group.id, name);
  if (!stream) {
    throw errors::no_stream();
  }
  return *std::move(stream);
}

gateway::Output Logs::create_log_stream(Context& context, Json input) {
  const Group group = require_group(context, input.at(members::logGroupName));
  Stream stream;
  stream.name = input.at(members::logStreamName);
  stream.created_ms = platform_.world.now().ms;
  const auto guard =
      platform_.locks.lock(Store::stream_key(context.realm->id, group.id, stream.name));
  if (store_.stream(context.realm->id, group.id, stream.name)) {
    throw errors::stream_exists();
  }
  stream.id = store_.next_id(context.realm->id);
  storage::Batch batch;
  store_.put_stream(context.realm->id, group.id, stream, batch);
  context.commit(batch);
  return {};
}

gateway::Output Logs::delete_log_stream(Context& context, Json input) {
  const Group group = require_group(context, input.at(members::logGroupName));
  const std::string name = input.at(members::logStreamName);
  const auto guard = platform_.locks.lock(Store::stream_key(context.realm->id, group.id, name));
  const Stream stream = require_stream(context, group, name);
  storage::Batch batch;
  store_.erase_stream(context.realm->id, group.id, stream, batch);
  context.commit(batch);
  return {};
}

gateway::Output Logs::describe_log_streams(Context& context, Json input) {
  const Group group = group_of(context, input);
  const std::string prefix = input.value(members::logStreamNamePrefix, std::string());
  const bool by_time =
      input.value(members::orderBy, std::string("LogStreamName")) == "LastEventTime";
  if (by_time && !prefix.empty()) {
    throw errors::invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const std::string after = page_after(input);
  std::vector<Stream> streams;
  store_.streams(context.realm->id, group.id, prefix, "", [&streams](const Stream& stream) {
    streams.push_back(stream);
    return true;
  });
  if (by_time) {
    std::stable_sort(streams.begin(), streams.end(),
                     [](const Stream& a, const Stream& b) { return a.last_ms < b.last_ms; });
  }
  if (input.value(members::descending, false)) {
    std::reverse(streams.begin(), streams.end());
  }
  auto next = streams.begin();
  if (!after.empty()) {
    next = std::find_if(streams.begin(), streams.end(),
                        [&after](const Stream& stream) { return stream.name == after; });
    if (next == streams.end()) {
      throw errors::bad_token();
    }
    ++next;
  }
  const size_t most = input.value(members::limit, kMostDescribed);
  const std::string group_arn = context.arn("log-group:" + group.name);
  Json answer = {{members::logStreams, Json::array()}};
  for (; next != streams.end() && answer[members::logStreams].size() < most; ++next) {
    answer[members::logStreams].push_back(stream_pages::describe(*next, group_arn));
  }
  if (next != streams.end()) {
    answer[members::nextToken] = page_token(std::prev(next)->name);
  }
  return answer;
}

}  // namespace paddock::services::logs
