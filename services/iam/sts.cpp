// The Security Token Service.
#include "models/sts.hpp"

#include <algorithm>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/iam/requests.hpp"
#include "services/iam/service.hpp"

namespace paddock::services::iam {

namespace sts_detail {

namespace m = models::sts_members;

// A role that was never created, as emulators allow for functions: its id follows from its name.
std::string id_of_unknown_role(std::string_view name) {
  const std::string digest = sha256(name);
  IdBytes bytes;
  std::copy(digest.begin(), digest.end(), bytes.begin());
  return unique_id("AROA", bytes);
}

}  // namespace sts_detail

Iam::Operations Iam::sts_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"GetCallerIdentity", plain(this, &Iam::get_caller_identity), Access::read, Fidelity::full(),
       "sts:GetCallerIdentity", nullptr, ""},
      {"GetAccessKeyInfo", plain(this, &Iam::get_access_key_info), Access::read, Fidelity::full(),
       "sts:GetAccessKeyInfo", nullptr, ""},
  };
}

Iam::Output Iam::get_caller_identity(Context& context, Json) {
  const identity::Principal& principal = context.principal;
  std::string user_id = principal.user_id;
  if (user_id.empty() && principal.kind == identity::Principal::Kind::role) {
    // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
    const auto parts = split(principal.arn, '/');
    if (parts.size() == 3) {
      const auto role = store_.role(context.realm->id, parts[1]);
      user_id = (role ? role->id : sts_detail::id_of_unknown_role(parts[1])) + ":" +
                std::string(parts[2]);
    }
  }
  if (user_id.empty()) user_id = context.account;
  return Json{{sts_detail::m::UserId, user_id},
              {sts_detail::m::Account, context.account},
              {sts_detail::m::Arn, principal.arn}};
}

Iam::Output Iam::get_access_key_info(Context&, Json input) {
  const std::string key = text_of(input, sts_detail::m::AccessKeyId);
  return Json{{sts_detail::m::Account, platform_.identity.principal(key).account}};
}

}  // namespace paddock::services::iam
