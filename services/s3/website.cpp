#include "services/s3/website.hpp"

#include <charconv>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {
namespace website_rules {

constexpr std::string_view kPath = "/_aws/s3-website/";
constexpr std::string_view kLabel = "s3-website";
constexpr size_t kRoutingRules = 50;  // userguide/how-to-page-redirect.html

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void check_routing_rule(const Json& rule) {
  const Json& redirect = rule[members::Redirect];
  if (redirect.empty()) throw errors::malformed_xml();
  if (redirect.contains(members::ReplaceKeyPrefixWith) &&
      redirect.contains(members::ReplaceKeyWith)) {
    throw errors::invalid_request(
        "You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  }
  if (redirect.contains(members::HttpRedirectCode)) {
    const std::string code = text_of(redirect, members::HttpRedirectCode);
    const auto status = number(code);
    if (!status || *status < 300 || *status > 399 || *status == 304) {
      throw errors::invalid_request("The provided HTTP redirect code (" + code +
                                    ") is not valid. Valid codes are 3XX except 300.");
    }
  }
  const auto condition = rule.find(members::Condition);
  if (condition == rule.end()) return;
  if (condition->empty()) {
    throw errors::invalid_request(
        "Condition cannot be empty. To redirect all requests without a condition, the condition "
        "element shouldn't be present.");
  }
  if (condition->contains(members::HttpErrorCodeReturnedEquals)) {
    const std::string code = text_of(*condition, members::HttpErrorCodeReturnedEquals);
    const auto status = number(code);
    if (!status || *status < 400 || *status > 599) {
      throw errors::invalid_request("The provided HTTP error code (" + code +
                                    ") is not valid. Valid codes are 4XX or 5XX.");
    }
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&#34;";
    else
      out += c;
  }
  return out;
}

// "<li>Code: NoSuchKey</li>" and so on.
std::string listed(const AwsError& error) {
  std::string out = "<li>Code: " + escaped(error.code()) +
                    "</li>\n<li>Message: " + escaped(error.message()) + "</li>\n";
  if (!error.extra().is_object()) return out;
  for (const auto& [name, value] : error.extra().get_ref<const Json::object_t&>()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    out += "<li>" + escaped(name) + ": " + escaped(text) + "</li>\n";
  }
  return out;
}

// A header's value may hold no control characters.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  return out;
}

}  // namespace website_rules

std::optional<WebsiteAddress> website_address(std::string_view host, std::string_view path) {
  WebsiteAddress address;
  if (path.starts_with(website_rules::kPath)) {
    path.remove_prefix(website_rules::kPath.size());
    const size_t slash = path.find('/');
    const std::string_view bucket = path.substr(0, slash);
    address.bucket = url_decode(bucket);
    address.base = std::string(website_rules::kPath) + std::string(bucket);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    address.key = url_decode(path);
    return address;
  }
  // The last one, since a bucket's name may have such a label too.
  std::optional<size_t> mark;
  for (size_t at = host.find('.'); at != std::string_view::npos; at = host.find('.', at + 1)) {
    const std::string_view label = host.substr(at + 1, host.find('.', at + 1) - at - 1);
    if (label == website_rules::kLabel || label.starts_with("s3-website-")) mark = at;
  }
  if (!mark || *mark == 0) return std::nullopt;
  address.bucket = host.substr(0, *mark);
  if (path.starts_with('/')) path.remove_prefix(1);
  address.key = url_decode(path);
  return address;
}

void check_website_rules(const Json& website) {
  if (website.contains(members::RedirectAllRequestsTo)) {
    if (website.size() > 1) {
      throw errors::invalid_argument(
          "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
          "RedirectAllRequestsTo", "not null");
    }
    return;
  }
  if (!website.contains(members::IndexDocument)) {
    throw errors::invalid_argument(
        "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        "IndexDocument", "null");
  }
  const std::string suffix = text_of(website[members::IndexDocument], members::Suffix);
  if (suffix.empty() || suffix.find('/') != std::string::npos) {
    throw errors::invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument",
                                   suffix);
  }
  const auto error = website.find(members::ErrorDocument);
  if (error != website.end() && text_of(*error, members::Key).empty()) {
    throw errors::malformed_xml();
  }
  const auto rules = website.find(members::RoutingRules);
  if (rules == website.end()) return;
  if (rules->empty()) throw errors::malformed_xml();
  if (rules->size() > website_rules::kRoutingRules) {
    throw errors::invalid_request("The number of routing rules must not exceed 50.");
  }
  for (const Json& rule : *rules) website_rules::check_routing_rule(rule);
}

std::optional<Redirect> redirect_of_all(const Json& website, const WebsiteAddress& address,
                                        std::string_view scheme) {
  const auto all = website.find(members::RedirectAllRequestsTo);
  if (all == website.end()) return std::nullopt;
  const std::string protocol = text_of(*all, members::Protocol, scheme);
  return Redirect{301, protocol + "://" + text_of(*all, members::HostName) + "/" +
                           url_encode(address.key, true)};
}

std::optional<Redirect> routed(const Json& website, const WebsiteAddress& address,
                               std::string_view key, int error, std::string_view scheme,
                               std::string_view authority) {
  const auto rules = website.find(members::RoutingRules);
  if (rules == website.end()) return std::nullopt;
  for (const Json& rule : *rules) {
    const Json condition = rule.value(members::Condition, Json::object());
    const std::string prefix = text_of(condition, members::KeyPrefixEquals);
    const std::string code = text_of(condition, members::HttpErrorCodeReturnedEquals);
    if (!key.starts_with(prefix)) continue;
    if (code.empty() ? error != 0 : code != std::to_string(error)) continue;
    const Json& redirect = rule[members::Redirect];
    std::string target(key);
    if (redirect.contains(members::ReplaceKeyWith)) {
      target = text_of(redirect, members::ReplaceKeyWith);
    } else if (redirect.contains(members::ReplaceKeyPrefixWith)) {
      target =
          text_of(redirect, members::ReplaceKeyPrefixWith) + std::string(key.substr(prefix.size()));
    }
    const std::string host = text_of(redirect, members::HostName);
    Redirect found{301, ""};
    found.location = text_of(redirect, members::Protocol, scheme) + "://" +
                     (host.empty() ? std::string(authority) + address.base : host) + "/" +
                     website_rules::one_line(target);
    const auto status = website_rules::number(text_of(redirect, members::HttpRedirectCode));
    if (status) found.status = *status;
    return found;
  }
  return std::nullopt;
}

http::Response error_page(const AwsError& error, const AwsError* document_error,
                          const std::string& request_id) {
  const std::string title =
      std::to_string(error.status()) + " " + std::string(http::reason_phrase(error.status()));
  const std::string host_id = to_base64(sha256(request_id));
  std::string page = "<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title +
                     "</h1>\n<ul>\n" + website_rules::listed(error);
  page += "<li>RequestId: " + request_id + "</li>\n<li>HostId: " + host_id + "</li>\n</ul>\n";
  if (document_error != nullptr) {
    page +=
        "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n" +
        website_rules::listed(*document_error) + "</ul>\n";
  }
  page += "<hr/>\n</body>\n</html>\n";
  http::Response response(error.status(), "text/html; charset=utf-8", std::move(page));
  response.headers.add("x-amz-error-code", error.code());
  response.headers.add("x-amz-error-message", error.message());
  if (error.extra().is_object()) {
    for (const auto& [name, value] : error.extra().get_ref<const Json::object_t&>()) {
      if (!value.is_string()) continue;
      const std::string& text = value.get_ref<const std::string&>();
      response.headers.add("x-amz-error-detail-" + name, website_rules::one_line(text));
    }
  }
  return response;
}

}  // namespace paddock::services::s3
