// Consumers with enhanced fan-out.
// https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
#include <algorithm>

#include "core/ids.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "services/kinesis/shapes.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace consuming {

Json json(const StreamInfo& stream, const Consumer& consumer, const char* status) {
  return {{m::ConsumerName, consumer.name},
          {m::ConsumerARN, consumer.arn(stream)},
          {m::ConsumerStatus, status},
          {m::ConsumerCreationTimestamp, consumer.created_ms / 1000 * 1000}};
}

}  // namespace consuming

Kinesis::Output Kinesis::register_consumer(Context& context, Json input) {
  const StreamPtr named = require_stream(context, input);
  const auto guard = platform_.locks.lock(stream_lock(named->realm, named->name));
  const StreamPtr stream = catalog_.find(named->realm, named->name);
  if (!stream) throw errors::no_stream(named->name, named->account);
  Consumer consumer;
  consumer.name = input.at(m::ConsumerName);
  if (input.contains(m::Tags)) input[m::Tags].get_to(consumer.tags);
  check_tags(consumer.tags);
  if (consumer.tags.size() > limits::kTags) throw errors::too_many_tags(*stream);
  if (store_.consumer(*stream, consumer.name)) {
    throw errors::consumer_exists(consumer.name, *stream);
  }
  if (store_.consumers(*stream).size() >= limits::kConsumers) {
    throw errors::too_many_consumers(*stream, limits::kConsumers);
  }
  consumer.created_ms = platform_.world.now().ms;
  storage::Batch batch;
  store_.put_consumer(*stream, consumer, batch);
  context.commit(batch);
  return Json{{m::Consumer, consuming::json(*stream, consumer, "CREATING")}};
}

// By its ARN, or by its name and the stream's ARN.
std::pair<StreamPtr, Consumer> Kinesis::require_consumer(const Context& context,
                                                         const Json& input) {
  const auto arn = input.find(m::ConsumerARN);
  const auto name = input.find(m::ConsumerName);
  if (arn == input.end() && (name == input.end() || !input.contains(m::StreamARN))) {
    throw errors::invalid_argument(
        "Either ConsumerARN or both StreamARN and ConsumerName must be specified.");
  }
  if (arn == input.end()) {
    StreamPtr stream = require_stream(context, input);
    auto consumer = store_.consumer(*stream, name->get_ref<const std::string&>());
    if (!consumer) throw errors::no_consumer(name->get_ref<const std::string&>(), *stream);
    return {std::move(stream), *std::move(consumer)};
  }
  const std::string& text = arn->get_ref<const std::string&>();
  StreamPtr stream = require_arn(text);
  for (Consumer& consumer : store_.consumers(*stream)) {
    if (consumer.arn(*stream) == text) return {std::move(stream), std::move(consumer)};
  }
  const std::string_view last = std::string_view(text).substr(text.rfind('/') + 1);
  throw errors::no_consumer(last.substr(0, last.rfind(':')), *stream);
}

Kinesis::Output Kinesis::deregister_consumer(Context& context, Json input) {
  const auto [stream, consumer] = require_consumer(context, input);
  const auto guard = platform_.locks.lock(stream_lock(stream->realm, stream->name));
  storage::Batch batch;
  store_.erase_consumer(*stream, consumer.name, batch);
  context.commit(batch);
  return {};
}

Kinesis::Output Kinesis::describe_consumer(Context& context, Json input) {
  const auto [stream, consumer] = require_consumer(context, input);
  Json description = consuming::json(*stream, consumer, "ACTIVE");
  description[m::StreamARN] = stream->arn();
  return Json{{m::ConsumerDescription, std::move(description)}};
}

Kinesis::Output Kinesis::list_consumers(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  const size_t limit = input.value(m::MaxResults, limits::kListedConsumers);
  const WorldTime now = platform_.world.now();
  std::string after;
  if (input.contains(m::NextToken)) {
    const auto token = parse_token(input[m::NextToken].get<std::string>(), platform_.ids.seed());
    if (!token || token->value("consumers_of", uint64_t{0}) != stream->number) {
      throw errors::bad_token();
    }
    if (now - WorldTime{token->at("issued").get<int64_t>()} > limits::kTokenLife) {
      throw errors::expired_token();
    }
    after = token->at("after");
  }
  Json output = {{m::Consumers, Json::array()}};
  Json& consumers = output[m::Consumers];
  for (const Consumer& consumer : store_.consumers(*stream)) {
    if (consumer.name <= after) continue;
    if (consumers.size() == limit) {
      output[m::NextToken] = token_text({{"consumers_of", stream->number},
                                         {"issued", now.ms},
                                         {"after", consumers.back()[m::ConsumerName]}},
                                        platform_.ids.seed());
      break;
    }
    consumers.push_back(consuming::json(*stream, consumer, "ACTIVE"));
  }
  return output;
}

}  // namespace paddock::services::kinesis
