// The website endpoint of buckets. Whoever asks here is nobody: a policy or an ACL must let
// everyone read, as on AWS.
#include "core/text.hpp"
#include "http/exchange.hpp"
#include "services/s3/access.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "services/s3/website.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace website_serving {

class ToClient : public gateway::BodyWriter {
 public:
  explicit ToClient(http::Exchange& exchange) : exchange_(exchange) {}
  Task<void> write(std::string piece) override { return exchange_.write(std::move(piece)); }

 private:
  http::Exchange& exchange_;
};

Task<void> send_redirect(http::Exchange& exchange, const Redirect& redirect) {
  http::Response response;
  response.status = redirect.status;
  response.headers.add("Location", redirect.location);
  return exchange.respond(std::move(response));
}

}  // namespace website_serving

// What an error page and a rule need of the request.
struct S3::SiteVisit {
  http::Exchange& exchange;
  gateway::RequestContext& context;
  WebsiteAddress address;
  BucketPtr bucket;
  Json site;
};

Task<void> S3::serve_website(http::Exchange& exchange, gateway::RequestContext& context) {
  const http::RequestHead& head = exchange.head();
  auto address = website_address(head.host(), head.path);
  SiteVisit visit{exchange, context, std::move(*address), nullptr, Json()};
  context.principal = identity::Principal();
  context.principal.kind = identity::Principal::Kind::anonymous;
  context.model = apis_.front().model;
  context.operation = context.model->find("GetObject");
  std::optional<AwsError> failure;
  std::optional<Redirect> redirect;
  Output output;
  const std::string& own = visit.address.key;
  try {
    open_site(visit);
    redirect = redirect_of_all(visit.site, visit.address, context.scheme);
    if (!redirect) {
      redirect = routed(visit.site, visit.address, own, 0, context.scheme, context.authority);
    }
    if (!redirect) redirect = folder_redirect(visit);
    if (!redirect) output = co_await read_page(visit, page_key(visit));
  } catch (const AwsError& error) {
    failure = error;
  }
  if (redirect) {
    co_await website_serving::send_redirect(exchange, *redirect);
  } else if (failure) {
    co_await refuse_visit(visit, std::move(*failure));
  } else {
    co_await send_page(visit, std::move(output), 0);
  }
}

// Throws MethodNotAllowed, NoSuchBucket, NoSuchWebsiteConfiguration.
void S3::open_site(SiteVisit& visit) const {
  const http::RequestHead& head = visit.exchange.head();
  if (head.method != "GET" && head.method != "HEAD") {
    throw errors::method_not_allowed(head.method, "OBJECT");
  }
  visit.bucket = catalog_.find(visit.address.bucket);
  if (!visit.bucket) throw errors::no_such_bucket(visit.address.bucket);
  const auto site = visit.bucket->records.find("website");
  if (site == visit.bucket->records.end()) {
    throw AwsError("NoSuchWebsiteConfiguration",
                   "The specified bucket does not have a website configuration", 404)
        .with("BucketName", visit.address.bucket);
  }
  visit.site = *site;
  visit.context.account = visit.bucket->account;
  visit.context.region = visit.bucket->region;
}

std::string S3::page_key(const SiteVisit& visit) const {
  const std::string& key = visit.address.key;
  if (!key.empty() && key.back() != '/') return key;
  return key + text_of(visit.site[members::IndexDocument], members::Suffix);
}

// A folder that is asked for without its slash.
std::optional<Redirect> S3::folder_redirect(const SiteVisit& visit) const {
  const std::string& key = visit.address.key;
  if (key.empty() && !visit.address.base.empty() && !visit.exchange.head().path.ends_with('/')) {
    return Redirect{302, visit.address.base + "/"};
  }
  if (key.empty() || key.back() == '/' || !valid_utf8(key)) return std::nullopt;
  const auto there = [&](const std::string& name) {
    const std::optional<Object> object = store_.current(*visit.bucket, name);
    return object && !object->delete_marker;
  };
  if (there(key)) return std::nullopt;
  if (!there(key + "/" + text_of(visit.site[members::IndexDocument], members::Suffix))) {
    return std::nullopt;
  }
  return Redirect{302, visit.address.base + "/" + url_encode(key, true) + "/"};
}

// An object as everybody may read it. Unlike at the API, who may read but not list learns that it
// is missing.
Task<gateway::Output> S3::read_page(SiteVisit& visit, std::string key) {
  if (!valid_utf8(key) || key.size() > 1024) throw errors::no_such_key(key);
  http::RequestHead head = visit.exchange.head();
  head.query.clear();
  const std::map<std::string, std::string, std::less<>> labels{{"Bucket", visit.bucket->name},
                                                               {"Key", key}};
  const wire::WireRequest request{head, "", labels};
  const auto& model = *visit.context.model;
  Json input = wire::codec(model.protocol)->decode(model, *visit.context.operation, request);
  const std::optional<Object> object = store_.current(*visit.bucket, key);
  if (!object || object->delete_marker) {
    const Requester nobody = requester_of(visit.context, *visit.bucket);
    const Act act{"s3:GetObject", key, "", input};
    if (!permitted(visit.context, *visit.bucket, nobody, act)) throw errors::access_denied();
    throw errors::no_such_key(key);
  }
  return get_object(visit.context, std::move(input));
}

// By a routing rule, the error document, or AWS's page.
Task<void> S3::refuse_visit(SiteVisit& visit, AwsError error) {
  const std::string& request_id = visit.context.request_id;
  if (error.status() == 304) {
    http::Response response;
    response.status = 304;
    for (const auto& [name, value] : error.headers()) response.headers.set(name, value);
    co_await visit.exchange.respond(std::move(response));
    co_return;
  }
  std::optional<AwsError> document_error;
  std::optional<Redirect> redirect;
  if (visit.site.is_object()) {
    redirect = routed(visit.site, visit.address, visit.address.key, error.status(),
                      visit.context.scheme, visit.context.authority);
  }
  if (redirect) {
    co_await website_serving::send_redirect(visit.exchange, *redirect);
    co_return;
  }
  const bool shown = visit.site.is_object() && visit.site.contains(members::ErrorDocument) &&
                     (error.status() == 403 || error.status() == 404);
  std::optional<Output> document;
  if (shown) {
    try {
      document =
          co_await read_page(visit, text_of(visit.site[members::ErrorDocument], members::Key));
    } catch (const AwsError& missing) {
      document_error = missing;
    }
  }
  if (document) {
    co_await send_page(visit, std::move(*document), error.status());
    co_return;
  }
  http::Response response =
      error_page(error, document_error ? &*document_error : nullptr, request_id);
  response.headers.add("x-amz-request-id", request_id);
  co_await visit.exchange.respond(std::move(response));
}

Task<void> S3::send_page(SiteVisit& visit, Output output, int status) {
  const auto& model = *visit.context.model;
  gateway::BodyStream& body = output.body();
  const auto redirect = body.head.find(members::WebsiteRedirectLocation);
  if (redirect != body.head.end() && status == 0) {
    Redirect found{301, redirect->get<std::string>()};
    if (found.location.starts_with('/')) found.location.insert(0, visit.address.base);
    co_await website_serving::send_redirect(visit.exchange, found);
    co_return;
  }
  http::Response response =
      wire::codec(model.protocol)
          ->encode(model, *visit.context.operation, body.head, visit.context.request_id);
  if (output.status != 0) response.status = output.status;
  if (status != 0) response.status = status;
  if (visit.exchange.head().headers.has("origin")) {
    const auto cors = cors_of_bucket(visit.exchange.head());
    if (cors) {
      for (const auto& [name, value] : *cors) response.headers.add(name, value);
    }
  }
  if (visit.exchange.head().method == "HEAD" || !body.run) {
    response.body = std::move(body.bytes);
    co_await visit.exchange.respond(std::move(response));
    co_return;
  }
  co_await visit.exchange.start(response.status, std::move(response.headers));
  website_serving::ToClient writer(visit.exchange);
  co_await body.run(writer);
  http::Headers none;
  co_await visit.exchange.finish(std::move(none));
}

}  // namespace paddock::services::s3
