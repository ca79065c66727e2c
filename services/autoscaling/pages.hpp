// One page of a list: MaxResults and NextToken in, NextToken out. A token is the last key of the
// page before, in base 64.
#pragma once

#include <optional>
#include <string>

#include "core/json.hpp"
#include "core/realm.hpp"

namespace paddock::services::autoscaling {

class Page {
 public:
  Page(const Json& input, RealmId realm);  // throws AwsError

  const std::string& after() const { return after_; }
  // False if the page is full: then the list goes on with `key`.
  bool take(const std::string& key);
  void write(Json& output) const;

 private:
  std::string after_;
  size_t left_;
  std::string last_;
  bool more_ = false;
};

// True if `list` (ResourceIds, PolicyNames …) is absent or empty or names `text`.
bool asked_for(const Json& input, const char* list, const std::string& text);
// The same for a single text.
bool asked_for_one(const Json& input, const char* member, const std::string& text);

}  // namespace paddock::services::autoscaling
