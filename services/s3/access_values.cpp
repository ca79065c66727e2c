// The condition keys of a request:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#include "core/text.hpp"
#include "services/s3/access.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace condition_keys {

using Values = std::vector<std::string>;
using Context = gateway::RequestContext;

Values one(std::string text) {
  if (text.empty()) return {};
  return {std::move(text)};
}

Values shown(const Json& value) {
  if (value.is_string()) return {value.get<std::string>()};
  if (value.is_null() || value.is_structured() || value.is_binary()) return {};
  return {value.dump()};
}

// Without verified signatures the plain port stands for AWS's TLS one: a policy that wants TLS is
// on nearly every bucket that tools make.
std::string secure_transport(const Context& context) {
  const bool secure =
      context.head == nullptr || !context.platform.identity.verifies() || context.scheme == "https";
  return secure ? "true" : "false";
}

std::string principal_type(const Context& context, const Requester& requester) {
  if (requester.anonymous) return "Anonymous";
  switch (context.principal.kind) {
    case identity::Principal::Kind::user:
      return "User";
    case identity::Principal::Kind::role:
      return "AssumedRole";
    default:
      return "Account";
  }
}

Values global_key(std::string_view key, const Context& context, const Bucket& bucket,
                  const Requester& requester) {
  const auto header = [&context](std::string_view name) {
    return context.head == nullptr ? std::string() : std::string(context.head->headers.get(name));
  };
  if (key == "securetransport") return {secure_transport(context)};
  if (key == "sourceip") return one(context.source_ip);
  if (key == "useragent") return one(context.user_agent);
  if (key == "referer") return one(header("referer"));
  if (key == "currenttime") return {iso8601(context.platform.world.now().ms, false)};
  if (key == "epochtime") return {std::to_string(context.platform.world.now().ms / 1000)};
  if (key == "requestedregion") return one(bucket.region);
  if (key == "resourceaccount") return one(bucket.account);
  if (key == "principaltype") return {principal_type(context, requester)};
  if (key == "principalisawsservice") return {"false"};
  if (key == "viaawsservice") return {"false"};
  if (requester.anonymous) return key == "userid" ? Values{"anonymous"} : Values{};
  if (key == "principalarn") return one(requester.arn);
  if (key == "principalaccount") return one(requester.account);
  if (key == "userid") return one(context.principal.user_id);
  if (key == "username" && context.principal.kind == identity::Principal::Kind::user) {
    return one(requester.arn.substr(requester.arn.rfind('/') + 1));
  }
  return {};
}

// The input's value that travels in this header.
Values header_value(std::string_view name, const Context& context, const Json& input) {
  if (context.operation == nullptr || context.operation->input == nullptr) return {};
  for (const wire::Member& member : context.operation->input->members) {
    if (member.location != wire::Location::header || !equal_ignore_case(member.wire_name, name)) {
      continue;
    }
    const auto found = input.find(std::string(member.name));
    return found == input.end() ? Values{} : shown(*found);
  }
  return {};
}

// The tags that a write brings, from its header or its document.
Json request_tags(const Json& input) {
  const auto tagging = input.find(members::Tagging);
  if (tagging == input.end()) return Json::array();
  if (tagging->is_string()) return parse_tagging_header(tagging->get_ref<const std::string&>());
  return tagging->value(members::TagSet, Json::array());
}

Values tag_value(const Json& tags, std::string_view key) {
  for (const Json& tag : tags) {
    if (text_of(tag, members::Key) == key) return {text_of(tag, members::Value)};
  }
  return {};
}

std::string auth_type(const Context& context) {
  if (context.head == nullptr || context.head->headers.has("authorization")) return "REST-HEADER";
  return context.head->method == "POST" ? "POST" : "REST-QUERY-STRING";
}

Values request_key(std::string_view key, const Context& context, const Json& input) {
  const auto member = [&input](const char* name) {
    const auto found = input.find(name);
    return found == input.end() ? Values{} : shown(*found);
  };
  if (key == "prefix") return member(members::Prefix);
  if (key == "delimiter") return member(members::Delimiter);
  if (key == "max-keys") return member(members::MaxKeys);
  if (key == "versionid") return member(members::VersionId);
  if (key == "authtype") return {auth_type(context)};
  if (key == "signatureversion") return {"AWS4-HMAC-SHA256"};
  if (key == "locationconstraint") {
    const auto made = input.find(members::CreateBucketConfiguration);
    return made == input.end() ? Values{} : one(text_of(*made, members::LocationConstraint));
  }
  if (key == "requestobjecttagkeys") {
    Values keys;
    const Json tags = request_tags(input);
    for (const Json& tag : tags) keys.push_back(text_of(tag, members::Key));
    return keys;
  }
  if (key.starts_with("object-lock-")) {
    return header_value("x-amz-" + std::string(key), context, input);
  }
  return header_value(key, context, input);
}

}  // namespace condition_keys

ConditionValues S3::condition_values(const Context& context, const Bucket& bucket,
                                     const Requester& requester, const Act& act) const {
  return [&, this](std::string_view key) -> std::vector<std::string> {
    constexpr std::string_view kGlobal = "aws:", kOwn = "s3:";
    constexpr std::string_view kOld = "existingobjecttag/", kNew = "requestobjecttag/";
    if (key.starts_with(kGlobal)) {
      return condition_keys::global_key(key.substr(kGlobal.size()), context, bucket, requester);
    }
    if (!key.starts_with(kOwn)) return {};
    key.remove_prefix(kOwn.size());
    if (key == "resourceaccount") return {bucket.account};
    if (key.starts_with(kNew)) {
      return condition_keys::tag_value(condition_keys::request_tags(act.input),
                                       key.substr(kNew.size()));
    }
    if (key.starts_with(kOld)) {
      const std::optional<Object> object =
          act.key.empty() ? std::nullopt : find_version(bucket, act.key, act.version);
      if (!object || object->facts.empty()) return {};
      const Json facts = Json::parse(object->facts);
      return condition_keys::tag_value(facts.value(kTagsFact, Json::array()),
                                       key.substr(kOld.size()));
    }
    return condition_keys::request_key(key, context, act.input);
  };
}

}  // namespace paddock::services::s3
