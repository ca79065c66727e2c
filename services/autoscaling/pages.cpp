#include "services/autoscaling/pages.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "models/application_autoscaling.hpp"
#include "services/autoscaling/errors.hpp"
#include "services/autoscaling/limits.hpp"
#include "storage/keys.hpp"

namespace paddock::services::autoscaling {

namespace m = models::application_autoscaling_members;

namespace paging {

// Tokens hold what follows the realm's id.
constexpr size_t kRealmBytes = sizeof(RealmId);

}  // namespace paging

Page::Page(const Json& input, RealmId realm) : left_(kDescribedPage) {
  const int most = input.value(m::MaxResults, kDescribedPage);
  if (most < 1 || most > kDescribedPage) {
    throw errors::invalid("MaxResults must be between 1 and 50, but was " + std::to_string(most));
  }
  left_ = static_cast<size_t>(most);
  const std::string token = input.value(m::NextToken, std::string());
  if (token.empty()) return;
  const auto key = from_base64(token);
  if (!key || key->empty()) throw errors::bad_token();
  storage::append_u32(after_, realm);
  after_ += *key;
}

bool Page::take(const std::string& key) {
  if (left_ == 0) {
    more_ = true;
    return false;
  }
  --left_;
  last_ = key;
  return true;
}

void Page::write(Json& output) const {
  if (more_) output[m::NextToken] = to_base64(last_.substr(paging::kRealmBytes));
}

bool asked_for(const Json& input, const char* list, const std::string& text) {
  const auto found = input.find(list);
  if (found == input.end() || found->empty()) return true;
  return std::find(found->begin(), found->end(), text) != found->end();
}

bool asked_for_one(const Json& input, const char* member, const std::string& text) {
  const auto found = input.find(member);
  return found == input.end() || *found == text;
}

}  // namespace paddock::services::autoscaling
