// Doors beside the operations: the links in messages, the certificate, and the views of LocalStack
// (/_aws/sns/…).
// https://docs.localstack.cloud/aws/services/sns/
#include <algorithm>

#include "core/text.hpp"
#include "gateway/service_caller.hpp"
#include "services/sns/service.hpp"
#include "storage/realms.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sns {
namespace doors {

constexpr std::string_view kViews = "/_aws/sns/";

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string field(const Fields& fields, std::string_view name, std::string_view fallback = {}) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return std::string(fallback);
}

Fields fields_of(const http::RequestHead& head) {
  try {
    return wire::parse_form(head.query);
  } catch (const std::invalid_argument&) {
    return {};
  }
}

// A link that a person or program follows without credentials.
bool is_link(const http::RequestHead& head) {
  if (head.method != "GET" || head.path != "/" || head.headers.has("authorization") ||
      head.query.find("X-Amz-Signature=") != std::string::npos) {
    return false;
  }
  return head.query.find("Action=ConfirmSubscription&") != std::string::npos ||
         head.query.find("Action=Unsubscribe&") != std::string::npos;
}

http::Response json(int status, const Json& body) {
  return http::Response(status, "application/json",
                        body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace doors

void Sns::add_endpoints() {
  gateway::Endpoint links;
  links.name = "sns-links";
  links.matches = [](std::string_view, const http::RequestHead& head) {
    return doors::is_link(head);
  };
  links.handle = [this](http::Exchange& exchange, Context& context) {
    return serve_link(exchange, context);
  };
  endpoints_.push_back(std::move(links));

  gateway::Endpoint certificate;
  certificate.name = "sns-certificate";
  certificate.matches = [](std::string_view, const http::RequestHead& head) {
    return (head.method == "GET" || head.method == "HEAD") &&
           Signer::is_certificate_path(head.path);
  };
  certificate.handle = [this](http::Exchange& exchange, Context&) {
    return serve_certificate(exchange);
  };
  endpoints_.push_back(std::move(certificate));

  gateway::Endpoint views;
  views.name = "sns-views";
  views.matches = [](std::string_view, const http::RequestHead& head) {
    return head.path.starts_with(doors::kViews);
  };
  views.handle = [this](http::Exchange& exchange, Context&) { return serve_views(exchange); };
  endpoints_.push_back(std::move(views));
}

// The operation itself, as the topic's account would call it, in the Query protocol.
Task<void> Sns::serve_link(http::Exchange& exchange, Context& context) {
  const http::RequestHead& head = exchange.head();
  const doors::Fields fields = doors::fields_of(head);
  const std::string action = doors::field(fields, "Action");
  const char* parameter = action == "Unsubscribe" ? "SubscriptionArn" : "TopicArn";
  const auto arn = Arn::parse(doors::field(fields, parameter));
  CallIdentity identity;
  identity.account = arn && identity::is_account_id(arn->account)
                         ? arn->account
                         : std::string(identity::kDefaultAccount);
  // The token holds the region in which it was given; a wrong ARN is then told apart.
  const auto region = region_of_token(doors::field(fields, "Token"));
  identity.region = arn ? arn->region : std::string(identity::kDefaultRegion);
  if (region && !region->empty()) identity.region = *region;
  identity.principal_arn = "arn:aws:iam::" + identity.account + ":root";
  identity.cause.request_id = context.request_id;
  gateway::ServiceRequest request;
  request.service = "sns";
  request.head = head;
  request.head.method = "POST";
  request.head.set_target("/");
  request.head.headers.set("content-type", "application/x-www-form-urlencoded");
  request.body = head.query;
  if (doors::field(fields, "Version").empty()) request.body += "&Version=2010-03-31";
  auto sent = gateway::service_caller(platform_).send(std::move(identity), std::move(request));
  http::Response response = co_await std::move(sent);
  co_await exchange.respond(std::move(response));
}

Task<void> Sns::serve_certificate(http::Exchange& exchange) {
  http::Response response;
  if (exchange.head().path == signer_.certificate_path()) {
    response = http::Response(200, "application/x-pem-file", signer_.certificate());
  } else {
    response = http::Response(404, "text/plain", "There is no such certificate.\n");
  }
  co_await exchange.respond(std::move(response));
}

Task<void> Sns::serve_views(http::Exchange& exchange) {
  http::Response response = view(exchange.head());
  co_await exchange.respond(std::move(response));
}

http::Response Sns::view(const http::RequestHead& head) {
  const std::string what = url_decode(head.path.substr(doors::kViews.size()));
  constexpr std::string_view kTokens = "subscription-tokens/";
  if (what.starts_with(kTokens) && head.method == "GET") {
    return token_view(what.substr(kTokens.size()));
  }
  if (what == "opt-out" && head.method == "POST") return opt_out(head);
  const bool texts = what == "sms-messages";
  if ((!texts && what != "platform-endpoint-messages") ||
      (head.method != "GET" && head.method != "DELETE")) {
    return doors::json(404, {{"error", "There is no " + head.method + " " + head.path + " here."}});
  }
  const doors::Fields fields = doors::fields_of(head);
  const std::string region = doors::field(fields, "region", identity::kDefaultRegion);
  const std::string account = doors::field(fields, "accountId", identity::kDefaultAccount);
  const std::string one = doors::field(fields, texts ? "phoneNumber" : "endpointArn");
  const RealmId realm = platform_.realms.find("sns", account, region)->id;
  const auto wanted = [&](const events::Mail& mail) {
    return mail.kind == (texts ? "sms" : "push") && (one.empty() || mail.to == one);
  };
  if (head.method == "DELETE") {
    storage::Batch batch;
    mailbox_.erase(realm, wanted, batch);
    if (!batch.empty()) platform_.database.commit(batch);
    return http::Response(204, "application/json", "");
  }
  Json found = Json::object();
  if (!one.empty()) found[one] = Json::array();
  for (const events::Mail& mail : mailbox_.read(realm)) {
    if (wanted(mail)) found[mail.to].push_back(mail.details);
  }
  return doors::json(
      200, {{texts ? "sms_messages" : "platform_endpoint_messages", found}, {"region", region}});
}

http::Response Sns::token_view(const std::string& text) const {
  const auto arn = Arn::parse(text);
  const size_t colon = arn ? arn->resource.find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return doors::json(
        400, {{"error", "The provided SubscriptionARN is invalid"}, {"subscription_arn", text}});
  }
  const RealmId realm = platform_.realms.find("sns", arn->account, arn->region)->id;
  const auto subscription =
      store_.subscription(realm, arn->resource.substr(0, colon), arn->resource.substr(colon + 1));
  if (!subscription || subscription->token.empty()) {
    return doors::json(
        404, {{"error", "The provided SubscriptionARN is not found"}, {"subscription_arn", text}});
  }
  return doors::json(200,
                     {{"subscription_token", subscription->token}, {"subscription_arn", text}});
}

// What a person does by answering STOP: POST /_aws/sns/opt-out?phoneNumber=…
http::Response Sns::opt_out(const http::RequestHead& head) {
  const doors::Fields fields = doors::fields_of(head);
  const std::string number = doors::field(fields, "phoneNumber");
  if (!valid_phone_number(number)) {
    return doors::json(400, {{"error", "phoneNumber must be a number in E.164 form"}});
  }
  const auto realm =
      platform_.realms.get("sns", doors::field(fields, "accountId", identity::kDefaultAccount),
                           doors::field(fields, "region", identity::kDefaultRegion));
  storage::Batch batch;
  store_.put_opted_out(realm->id, number, platform_.world.now(), batch);
  platform_.database.commit(batch);
  return http::Response(204, "application/json", "");
}

}  // namespace paddock::services::sns
