#include <string>

#include "core/error.hpp"
#include "services/sns/filter_policy.hpp"

// A filter policy and what it is held against, cut at the first NUL: a message's body, and a
// String.Array among its attributes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock::services::sns;
  using paddock::Json;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find('\0');
  const std::string policy = text.substr(0, cut);
  const std::string message = cut == std::string::npos ? "{}" : text.substr(cut + 1);
  const Json attributes = {{"a", {{"Type", "String.Array"}, {"Value", message}}},
                           {"b", {{"Type", "Number"}, {"Value", message}}},
                           {"c", {{"Type", "String"}, {"Value", message}}}};
  FilterPolicy::empty(policy);
  for (const auto scope : {FilterPolicy::Scope::attributes, FilterPolicy::Scope::body}) {
    try {
      FilterPolicy(policy, scope, true).matches(attributes, message);
    } catch (const paddock::AwsError&) {
    }
  }
  return 0;
}
