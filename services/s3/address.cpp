#include "services/s3/address.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <boost/asio/ip/address.hpp>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace address_rules {

constexpr std::string_view kCopySource = "x-amz-copy-source";

bool is_ip(std::string_view host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

// "s3", "s3-us-west-2", "s3-accelerate": but not the websites', which answer otherwise.
bool is_s3_label(std::string_view label) {
  return label == "s3" || (label.starts_with("s3-") && !label.starts_with("s3-website"));
}

// Names that share the methods and paths of other operations and are not told apart by anything
// that is sent, or belong to other kinds of hosts.
bool is_elsewhere(std::string_view operation) {
  static const std::set<std::string_view> kElsewhere{
      "GetBucketLifecycle",    "GetBucketNotification", "PutBucketLifecycle",
      "PutBucketNotification", "ListDirectoryBuckets",  "WriteGetObjectResponse"};
  return kElsewhere.count(operation) > 0;
}

bool is_whole_number(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Numbers in the query have messages of their own.
void check_number(std::string_view name, std::string_view text) {
  int64_t value = 0;
  const bool whole = is_whole_number(text, value);
  if (name == "partNumber") {
    if (!whole || value < 1 || value > limits::kParts) {
      throw errors::invalid_argument(
          "Part number must be an integer between 1 and 10000, inclusive", name, text);
    }
  } else if (name == "max-keys" || name == "max-uploads" || name == "max-parts" ||
             name == "max-buckets" || name == "part-number-marker") {
    if (!whole) {
      throw errors::invalid_argument(
          "Provided " + std::string(name) + " not an integer or within integer range", name, text);
    }
    if (value < 0 || value > 2147483647) {
      throw errors::invalid_argument(
          "Argument " + std::string(name) + " must be an integer between 0 and 2147483647", name,
          text);
    }
  }
}

// What signatures and SDKs add to any query.
bool is_everywhere(std::string_view name) {
  return name == "x-id" || name == "AWSAccessKeyId" || name == "Signature" || name == "Expires" ||
         equal_ignore_case(name.substr(0, 6), "x-amz-");
}

}  // namespace address_rules

Addresses::Addresses(const wire::ServiceModel& model, std::vector<std::string> own_names)
    : own_names_(std::move(own_names)) {
  for (std::string& name : own_names_) name = to_lower(name);
  for (const char* name : {"localhost.localstack.cloud", "localhost", "host.docker.internal"}) {
    own_names_.emplace_back(name);
  }
  for (const wire::OperationModel& operation : model.operations) {
    if (address_rules::is_elsewhere(operation.name)) continue;
    const size_t question = operation.uri.find('?');
    const std::string_view path = operation.uri.substr(0, question);
    const Level level = path == "/"           ? Level::service
                        : path == "/{Bucket}" ? Level::bucket
                                              : Level::object;
    Route route{&operation, {}, {}, false};
    if (question != std::string_view::npos) {
      route.markers = wire::parse_form(operation.uri.substr(question + 1));
    }
    for (const auto& [name, value] : route.markers) markers_.emplace(name, level);
    for (const wire::Member& member : operation.input->members) {
      if (!member.required) continue;
      if (member.location == wire::Location::query) {
        route.required.emplace_back(member.wire_name);
        selectors_.emplace(member.wire_name, level);
      }
      if (member.wire_name == address_rules::kCopySource) route.copies = true;
    }
    auto& routes = routes_[{level, std::string(operation.method)}];
    routes.push_back(std::move(route));
    std::stable_sort(routes.begin(), routes.end(),
                     [](const Route& a, const Route& b) { return a.score() > b.score(); });
  }
}

bool Addresses::is_s3_host(std::string_view host) {
  if (host.find('.') == std::string_view::npos) return false;
  for (const std::string_view label : split(host, '.')) {
    if (address_rules::is_s3_label(label)) return true;
  }
  return false;
}

std::optional<std::string> Addresses::bucket_of_host(std::string_view host) const {
  if (host.find('.') == std::string_view::npos || address_rules::is_ip(host)) return std::nullopt;
  const auto labels = split(host, '.');
  // The last one, since a bucket's name may have such a label too.
  for (size_t i = labels.size(); i-- > 0;) {
    if (!address_rules::is_s3_label(labels[i])) continue;
    if (i == 0) return std::nullopt;
    const size_t length = static_cast<size_t>(labels[i].data() - host.data()) - 1;
    return std::string(host.substr(0, length));
  }
  for (const std::string& name : own_names_) {
    if (host == name) return std::nullopt;
  }
  for (const std::string& name : own_names_) {
    if (host.size() > name.size() + 1 && host.ends_with(name) &&
        host[host.size() - name.size() - 1] == '.') {
      return std::string(host.substr(0, host.size() - name.size() - 1));
    }
  }
  return std::nullopt;
}

std::string Addresses::first_segment(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return url_decode(path.substr(0, path.find('/')));
}

const Addresses::Route* Addresses::best(Level level, std::string_view method, const Fields& query,
                                        const http::RequestHead& head) const {
  const auto routes = routes_.find({level, std::string(method)});
  if (routes == routes_.end()) return nullptr;
  const auto has = [&query](const std::string& name) {
    return std::any_of(query.begin(), query.end(),
                       [&name](const auto& field) { return field.first == name; });
  };
  for (const Route& route : routes->second) {
    const bool marked =
        std::all_of(route.markers.begin(), route.markers.end(), [&query](const auto& marker) {
          return std::any_of(query.begin(), query.end(), [&marker](const auto& field) {
            return field.first == marker.first &&
                   (marker.second.empty() || field.second == marker.second);
          });
        });
    const bool complete = std::all_of(route.required.begin(), route.required.end(), has);
    const bool copies = !route.copies || head.headers.has(address_rules::kCopySource);
    if (marked && complete && copies) return &route;
  }
  return nullptr;
}

// Refuses what the operation does not know and could change its meaning.
void Addresses::check_query(const Route& route, Level level, const Fields& query,
                            const http::RequestHead& head) const {
  const wire::Shape& input = *route.operation->input;
  for (const auto& [name, value] : query) {
    if (address_rules::is_everywhere(name)) continue;
    const bool bound = std::any_of(
        input.members.begin(), input.members.end(), [&field = name](const wire::Member& member) {
          return member.location == wire::Location::query && member.wire_name == field;
        });
    if (bound) {
      address_rules::check_number(name, value);
      continue;
    }
    const bool marker =
        std::any_of(route.markers.begin(), route.markers.end(),
                    [&field = name](const auto& one) { return one.first == field; });
    if (marker) continue;
    if (name == "list-type" && level == Level::bucket) {
      throw errors::invalid_argument("Invalid List Type specified in Request", name, value);
    }
    if (markers_.count(name) > 0) throw errors::method_not_allowed(head.method, name);
    const auto selector = selectors_.find(name);
    if (selector != selectors_.end() && selector->second == level) {
      throw errors::invalid_argument("This operation does not accept a query-string.",
                                     "ResourceType", name);
    }
    if (value.empty()) throw errors::query_not_implemented(name);
  }
}

// A browser's form is an upload whose key is in the form.
gateway::Address Addresses::form_upload(std::string bucket, const http::RequestHead& head) {
  const std::string type = to_lower(trim(head.headers.get("content-type")));
  if (!type.starts_with("multipart/form-data")) {
    throw AwsError("PreconditionFailed",
                   "At least one of the pre-conditions you specified did not hold", 412)
        .with("Condition", "Bucket POST must be of the enclosure-type multipart/form-data");
  }
  gateway::Address address;
  address.operation = "PutObject";
  address.labels.emplace("Bucket", std::move(bucket));
  address.labels.emplace("Key", "${filename}");
  return address;
}

gateway::Address Addresses::find(const http::RequestHead& head) const {
  std::string_view path = head.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  std::string bucket;
  if (auto of_host = bucket_of_host(head.host())) {
    bucket = std::move(*of_host);
  } else {
    const size_t slash = path.find('/');
    bucket = url_decode(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  std::string key = url_decode(path);
  if (!valid_utf8(bucket) || !valid_utf8(key)) throw errors::invalid_uri();
  if (bucket.empty() && !key.empty()) throw errors::invalid_bucket_name("");
  if (key.size() > limits::kKeyBytes) throw errors::key_too_long(key.size(), limits::kKeyBytes);
  const Level level = bucket.empty() ? Level::service : key.empty() ? Level::bucket : Level::object;
  Fields query;
  try {
    query = wire::parse_form(head.query);
  } catch (const std::invalid_argument&) {
    throw errors::invalid_uri();
  }
  const Route* route = best(level, head.method, query, head);
  if (route == nullptr) {
    if (head.method == "POST" && level == Level::bucket && query.empty()) {
      return form_upload(std::move(bucket), head);
    }
    throw errors::method_not_allowed(head.method, level == Level::service  ? "SERVICE"
                                                  : level == Level::bucket ? "BUCKET"
                                                                           : "OBJECT");
  }
  check_query(*route, level, query, head);
  gateway::Address address;
  address.operation = route->operation->name;
  if (!bucket.empty()) address.labels.emplace("Bucket", std::move(bucket));
  if (!key.empty()) address.labels.emplace("Key", std::move(key));
  return address;
}

}  // namespace paddock::services::s3
