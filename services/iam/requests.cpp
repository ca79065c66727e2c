#include "services/iam/requests.hpp"

#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/iam.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/limits.hpp"
#include "services/iam/managed_policies.hpp"

namespace paddock::services::iam {

namespace m = models::iam_members;

std::string text_of(const Json& input, const char* member, std::string_view fallback) {
  const auto found = input.find(member);
  return found == input.end() ? std::string(fallback) : found->get<std::string>();
}

std::vector<Tag> tags_of(const Json& input) {
  std::vector<Tag> tags;
  if (const auto found = input.find(m::Tags); found != input.end()) {
    for (const Json& tag : *found) tags.push_back({text_of(tag, m::Key), text_of(tag, m::Value)});
  }
  check_tags(tags);
  return tags;
}

Json tags_document(const std::vector<Tag>& tags) {
  Json out = Json::array();
  for (const Tag& tag : tags) out.push_back({{m::Key, tag.key}, {m::Value, tag.value}});
  return out;
}

std::string boundary_of(const Json& input) {
  const std::string arn = text_of(input, m::PermissionsBoundary);
  if (arn.empty()) return arn;
  if (!Arn::parse(arn)) throw errors::invalid_arn(arn);
  if (!find_managed_policy(arn)) throw errors::no_such_boundary(arn);
  return arn;
}

// The model's enum says PermissionsBoundaryPolicy; AWS answers Policy.
Json boundary_document(const std::string& arn) {
  return {{m::PermissionsBoundaryType, "Policy"}, {m::PermissionsBoundaryArn, arn}};
}

std::string calling_user(const gateway::RequestContext& context) {
  using Kind = identity::Principal::Kind;
  const identity::Principal& principal = context.principal;
  if (principal.kind == Kind::root) return "";
  if (principal.kind != Kind::user) throw errors::user_name_needed();
  return principal.arn.substr(principal.arn.rfind('/') + 1);
}

Paging::Paging(const Json& input) : left_(input.value(m::MaxItems, limits::kDefaultPage)) {
  const auto marker = input.find(m::Marker);
  if (marker == input.end()) return;
  auto after = from_base64(marker->get<std::string>());
  if (!after || after->empty()) throw errors::invalid_marker();
  after_ = std::move(*after);
}

bool Paging::take(const std::string& name) {
  if (left_ == 0) {
    truncated_ = true;
    return false;
  }
  --left_;
  last_ = name;
  return true;
}

void Paging::write(Json& output) const {
  output[m::IsTruncated] = truncated_;
  if (truncated_) output[m::Marker] = to_base64(last_);
}

AwsError invalid_request(const wire::OperationModel&,
                         const std::vector<wire::Violation>& violations) {
  const wire::Violation& first = violations.front();
  if (first.rule == wire::Violation::Rule::pattern) {
    const std::string start = "The specified value for " + first.path + " is invalid. It must ";
    if (first.path.size() >= 4 && first.path.substr(first.path.size() - 4) == "Name") {
      return errors::validation(
          start + "contain only alphanumeric characters and/or the following: +=,.@_-");
    }
    if (first.path == "path") {
      return errors::validation(start +
                                "begin and end with / and contain only alphanumeric characters "
                                "and/or / characters.");
    }
  }
  return errors::validation(wire::summary(violations));
}

std::vector<std::string> role_resource(const gateway::RequestContext& context, const Json& input) {
  return {role_arn(context.account, text_of(input, m::Path, "/"), text_of(input, m::RoleName))};
}

std::vector<std::string> user_resource(const gateway::RequestContext& context, const Json& input) {
  if (!input.contains(m::UserName)) return {context.principal.arn};
  return {user_arn(context.account, text_of(input, m::Path, "/"), text_of(input, m::UserName))};
}

std::vector<std::string> roles_resource(const gateway::RequestContext& context, const Json& input) {
  return {role_arn(context.account, text_of(input, m::PathPrefix, "/"), "*")};
}

std::vector<std::string> users_resource(const gateway::RequestContext& context, const Json& input) {
  return {user_arn(context.account, text_of(input, m::PathPrefix, "/"), "*")};
}

}  // namespace paddock::services::iam
