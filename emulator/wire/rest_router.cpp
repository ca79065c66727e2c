#include "wire/rest_router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::wire {
namespace router_detail {

using Fields = std::vector<std::pair<std::string, std::string>>;

// One operation at the end of its path.
struct Route {
  const OperationModel* operation;
  std::vector<std::string> labels;  // names, in the order of the path
  Fields query;                     // literals that must be there
  bool ends_greedy = false;
};

// The segments of a path, without the empty ones that a leading and a trailing slash make.
std::vector<std::string_view> segments_of(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

}  // namespace router_detail

struct RestRouter::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> label;
  std::unique_ptr<Node> greedy;
  std::vector<router_detail::Route> routes;  // those with most query literals first

  const router_detail::Route* find(std::string_view method, std::string_view query) const;
  const router_detail::Route* match(std::string_view method, std::string_view query,
                                    const std::vector<std::string_view>& segments, size_t at,
                                    std::vector<std::string>& values) const;
  const router_detail::Route* match_greedy(std::string_view method, std::string_view query,
                                           const std::vector<std::string_view>& segments, size_t at,
                                           std::vector<std::string>& values) const;
};

RestRouter::RestRouter(const ServiceModel& service) : root_(std::make_unique<Node>()) {
  for (const OperationModel& operation : service.operations) {
    const std::string_view uri = operation.uri;
    const size_t question = uri.find('?');
    router_detail::Route route{&operation, {}, {}, false};
    if (question != std::string_view::npos) route.query = parse_form(uri.substr(question + 1));
    Node* node = root_.get();
    for (const std::string_view segment : router_detail::segments_of(uri.substr(0, question))) {
      std::unique_ptr<Node>* next = nullptr;
      route.ends_greedy = segment.ends_with("+}");
      const bool is_label = segment.starts_with('{') && segment.ends_with('}');
      if (!is_label && segment.find_first_of("{}") != std::string_view::npos) {
        throw std::logic_error("a label must be a whole segment: " + std::string(uri));
      }
      if (is_label && segment.ends_with("+}")) {
        route.labels.emplace_back(segment.substr(1, segment.size() - 3));
        next = &node->greedy;
      } else if (is_label) {
        route.labels.emplace_back(segment.substr(1, segment.size() - 2));
        next = &node->label;
      } else {
        next = &node->literals[std::string(segment)];
      }
      if (*next == nullptr) *next = std::make_unique<Node>();
      node = next->get();
    }
    node->routes.push_back(std::move(route));
    std::stable_sort(node->routes.begin(), node->routes.end(),
                     [](const auto& a, const auto& b) { return a.query.size() > b.query.size(); });
  }
}

RestRouter::~RestRouter() = default;
RestRouter::RestRouter(RestRouter&&) noexcept = default;

const router_detail::Route* RestRouter::Node::find(std::string_view method,
                                                   std::string_view query) const {
  std::optional<router_detail::Fields> fields;
  for (const router_detail::Route& route : routes) {
    if (route.operation->method != method) continue;
    if (route.query.empty()) return &route;
    if (!fields) {
      try {
        fields = parse_form(query);
      } catch (const std::invalid_argument&) {
        fields.emplace();  // the decoder says what is wrong with it
      }
    }
    const bool all = std::all_of(route.query.begin(), route.query.end(), [&](const auto& literal) {
      return std::find(fields->begin(), fields->end(), literal) != fields->end();
    });
    if (all) return &route;
  }
  return nullptr;
}

// `values` collects the labels on the way; on failure it is as it was.
const router_detail::Route* RestRouter::Node::match(std::string_view method, std::string_view query,
                                                    const std::vector<std::string_view>& segments,
                                                    size_t at,
                                                    std::vector<std::string>& values) const {
  if (at == segments.size()) return find(method, query);
  const std::string segment = url_decode(segments[at]);
  if (const auto literal = literals.find(segment); literal != literals.end()) {
    if (const auto* route = literal->second->match(method, query, segments, at + 1, values)) {
      return route;
    }
  }
  if (label != nullptr && !segment.empty()) {
    values.push_back(segment);
    if (const auto* route = label->match(method, query, segments, at + 1, values)) return route;
    values.pop_back();
  }
  return greedy != nullptr ? match_greedy(method, query, segments, at, values) : nullptr;
}

// A greedy label takes as much as it can; what follows it in the uri must still fit.
const router_detail::Route* RestRouter::Node::match_greedy(
    std::string_view method, std::string_view query, const std::vector<std::string_view>& segments,
    size_t at, std::vector<std::string>& values) const {
  const bool last = greedy->literals.empty() && greedy->label == nullptr;
  const size_t shortest = last ? segments.size() : at + 1;
  for (size_t end = segments.size(); end >= shortest; end--) {
    std::string value;
    for (size_t i = at; i < end; i++) {
      if (i > at) value += '/';
      value += url_decode(segments[i]);
    }
    if (value.empty()) return nullptr;
    values.push_back(std::move(value));
    if (const auto* route = greedy->match(method, query, segments, end, values)) return route;
    values.pop_back();
  }
  return nullptr;
}

std::optional<RestMatch> RestRouter::match(std::string_view method, std::string_view path,
                                           std::string_view query) const {
  const auto segments = router_detail::segments_of(path);
  std::vector<std::string> values;
  const router_detail::Route* route = root_->match(method, query, segments, 0, values);
  if (route == nullptr) return std::nullopt;
  // The slash that segments_of cut off belongs to a greedy label: S3's keys may end with one.
  if (route->ends_greedy && path.ends_with('/')) values.back() += '/';
  RestMatch match;
  match.operation = route->operation;
  for (size_t i = 0; i < values.size(); i++) {
    if (!valid_utf8(values[i])) return std::nullopt;
    match.labels.emplace(route->labels[i], std::move(values[i]));
  }
  return match;
}

}  // namespace paddock::wire
