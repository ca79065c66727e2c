// Finds the operation of a REST request by method, path and query, from the model's bindings.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/model.hpp"

namespace paddock::wire {

struct RestMatch {
  const OperationModel* operation = nullptr;
  std::map<std::string, std::string, std::less<>> labels;  // decoded
};

// Built once per service, then constant and thread-safe. The model must outlive it.
//
// A literal segment beats a label, a label beats a greedy label ({name+}, which takes the rest of
// the path with its slashes), and of two operations with the same path the one whose query literals
// ("?mode=import") are all there wins. A trailing slash does not matter. A label is never empty.
class RestRouter {
 public:
  // Throws std::logic_error for a uri in the model that it cannot route.
  explicit RestRouter(const ServiceModel& service);
  ~RestRouter();
  RestRouter(RestRouter&&) noexcept;

  // `path` and `query` as sent, still encoded. nullopt: no operation, or a label that is not UTF-8.
  std::optional<RestMatch> match(std::string_view method, std::string_view path,
                                 std::string_view query) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace paddock::wire
