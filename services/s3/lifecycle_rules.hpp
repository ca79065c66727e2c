// Lifecycle rules of buckets: what they may be, and what they want of an object and when. Pure.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/s3/model.hpp"

namespace paddock::services::s3 {

inline constexpr int64_t kLifecycleDayMs = int64_t{24} * 60 * 60 * 1000;

// Checks rules as they were put, and gives ids to those that have none. Throws AwsError.
void check_lifecycle_rules(Json& rules, const std::function<std::string()>& make_id);

// The midnight (UTC) at which what began at `start` has been there for so many days.
WorldTime lifecycle_due(WorldTime start, int64_t days);

// The enabled rules of a bucket, ready to be asked.
class Lifecycle {
 public:
  // `document`: {"Rules": […], "TransitionDefaultMinimumObjectSize": …}.
  explicit Lifecycle(const Json& document);

  bool empty() const { return rules_.empty(); }

  struct Expiry {
    WorldTime at;
    std::string rule;
  };
  // When a key's newest version expires; nullopt if no rule says so.
  std::optional<Expiry> expiry(std::string_view key, const Object& object) const;
  // True if a delete marker without other versions is to go by now.
  bool drops_marker(std::string_view key, const Object& marker, WorldTime now) const;
  // True if a version is to go that was replaced at `since`, with `newer` others replaced later.
  bool drops_noncurrent(std::string_view key, const Object& object, WorldTime since, size_t newer,
                        WorldTime now) const;
  // The storage class that a version should have by now; "" for none but its own.
  std::string transition(std::string_view key, const Object& object, WorldTime now) const;
  std::string noncurrent_transition(std::string_view key, const Object& object, WorldTime since,
                                    size_t newer, WorldTime now) const;
  // When an upload that is not completed is dropped, and by which rule.
  std::optional<Expiry> abort(std::string_view key, WorldTime initiated) const;

 private:
  bool may_move(const Json& rule, const Object& object, const std::string& to) const;

  std::vector<Json> rules_;
  bool least_size_varies_ = false;
};

}  // namespace paddock::services::s3
