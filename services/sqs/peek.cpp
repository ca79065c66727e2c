// GET and POST /_aws/sqs/messages: the messages of a queue without receiving them, as LocalStack
// shows them (https://docs.localstack.cloud/aws/services/sqs/#developer-endpoints).
#include <algorithm>

#include "core/digest.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "identity/identity.hpp"
#include "models/sqs.hpp"
#include "models/sqs_query.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/service.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace peeking {

constexpr std::string_view kPath = "/_aws/sqs/messages";
constexpr std::string_view kHandle = "SQS/BACKDOOR/ACCESS";
constexpr size_t kBodyLimit = 64 * 1024;
constexpr size_t kMost = 10'000;  // messages shown

using Form = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Form& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return "";
}

bool is_set(const Form& form, std::string_view name) {
  const std::string value = to_lower(value_of(form, name));
  return value == "true" || value == "1";
}

bool wants_json(const http::RequestHead& head) {
  return head.headers.get("accept").find("json") != std::string_view::npos ||
         head.headers.get("content-type").find("json") != std::string_view::npos;
}

// Parameters from the query, a form, or the JSON of a ReceiveMessage call.
Form parameters(const http::RequestHead& head, const std::string& body) {
  Form form = wire::parse_form(head.query);
  if (head.headers.get("content-type").find("json") != std::string_view::npos) {
    const Json document = wire::parse_json(body);
    if (document.is_object() && document.contains(m::QueueUrl) &&
        document[m::QueueUrl].is_string()) {
      form.emplace_back(m::QueueUrl, document[m::QueueUrl].get<std::string>());
    }
  } else if (!body.empty()) {
    for (auto& field : wire::parse_form(body)) form.push_back(std::move(field));
  }
  return form;
}

struct Where {
  std::string account;
  std::string region;
  std::string name;
};

// From the rest of the path (/REGION/ACCOUNT/NAME) or the parameter QueueUrl.
Where where(const gateway::RequestContext& context, const http::RequestHead& head,
            const Form& form) {
  const std::string_view rest = std::string_view(head.path).substr(kPath.size());
  std::string url(rest.empty() ? value_of(form, m::QueueUrl) : "/queue" + std::string(rest));
  if (url.empty()) throw errors::no_queue(false);
  const auto address = parse_queue_url(url);
  if (!address) throw errors::invalid_address("https://queue.amazonaws.com/");
  std::string region(address->region.empty() ? context.region : address->region);
  const auto signature = identity::parse_signature(head);
  if (address->region.empty() && signature) region = signature->region;
  if (region.empty()) region = identity::kDefaultRegion;
  std::string account(address->account.empty() ? context.account : address->account);
  if (account.empty()) account = identity::kDefaultAccount;
  return {std::move(account), std::move(region), std::string(address->name)};
}

}  // namespace peeking

gateway::Endpoint Sqs::peek_endpoint() {
  gateway::Endpoint endpoint;
  endpoint.name = "sqs-messages";
  endpoint.matches = [](std::string_view, const http::RequestHead& head) {
    const std::string_view path = head.path;
    return path == peeking::kPath || path.starts_with(std::string(peeking::kPath) + "/");
  };
  endpoint.handle = [this](http::Exchange& exchange, Context& context) {
    return peek(exchange, context);
  };
  return endpoint;
}

Json Sqs::peeked(const QueueInfo& queue, bool invisible, bool delayed) {
  const QueueKeys keys(queue.realm, queue.data);
  const int64_t now = platform_.world.now().ms;
  Json messages = Json::array();
  auto row = platform_.database.iterate_prefix(storage::Family::queue, keys.prefix(kMessageKind));
  std::set<std::string> held_back;  // groups of FIFO queues, by a message before
  for (; row.valid() && messages.size() < peeking::kMost; row.next()) {
    const uint64_t sequence = last_number(row.key());
    const auto message = store_.message(keys, sequence);
    if (!message) continue;
    State state;
    state.at_ms = message->ready_ms;
    const auto placed =
        store_.state(queue.fifo ? keys.member(message->group, sequence) : keys.place(sequence));
    if (placed) state = *placed;
    const bool is_delayed = state.receives == 0 && state.at_ms > now;
    bool visible = state.at_ms <= now;
    if (queue.fifo && !visible) held_back.insert(message->group);
    if (queue.fifo && held_back.contains(message->group)) visible = false;
    if (!visible && !(is_delayed ? delayed : invisible)) continue;
    const Taken one{sequence, state, *message};
    Json shown =
        received(queue, Json{{m::AttributeNames, {"All"}}, {m::MessageAttributeNames, {"All"}}},
                 {one})[m::Messages][0];
    shown[m::ReceiptHandle] = peeking::kHandle;
    if (invisible) shown[m::Attributes]["IsVisible"] = visible ? "true" : "false";
    if (delayed) shown[m::Attributes]["IsDelayed"] = is_delayed ? "true" : "false";
    messages.push_back(std::move(shown));
  }
  return messages;
}

Task<void> Sqs::peek(http::Exchange& exchange, Context& context) {
  const http::RequestHead& head = exchange.head();
  const std::string body = co_await exchange.read_all(peeking::kBodyLimit);
  const bool json = peeking::wants_json(head);
  const wire::ServiceModel& model = json ? models::sqs : query_model_;
  const wire::Codec& codec = *wire::codec(model.protocol);
  http::Response response;
  try {
    if (head.method != "GET" && head.method != "POST") {
      throw AwsError("UnsupportedOperation", "GET and POST show messages.", 405);
    }
    peeking::Form form;
    try {
      form = peeking::parameters(head, body);
    } catch (const std::invalid_argument& error) {
      throw AwsError("MalformedInput", error.what());
    }
    const auto where = peeking::where(context, head, form);
    const Live queue = queues_.find(where.account, where.region, where.name);
    if (!queue) throw errors::no_queue(false);
    const auto info = queue->info();
    const bool invisible = peeking::is_set(form, "ShowInvisible");
    const bool delayed = peeking::is_set(form, "ShowDelayed");
    auto look = [this, info, invisible, delayed] { return peeked(*info, invisible, delayed); };
    Json messages = co_await platform_.work.run(std::move(look));
    const Json output = {{m::Messages, std::move(messages)}};
    response = codec.encode(model, *model.find("ReceiveMessage"), output, context.request_id);
  } catch (const AwsError& error) {
    response = codec.encode_error(model, error, apis_.front().error_style, context.request_id);
  }
  co_await exchange.respond(std::move(response));
}

}  // namespace paddock::services::sqs
