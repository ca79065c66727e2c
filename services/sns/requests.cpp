#include "services/sns/requests.hpp"

#include "core/text.hpp"
#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

std::string text_of(const Json& input, const char* member, std::string_view fallback) {
  const auto found = input.find(member);
  return found == input.end() ? std::string(fallback) : found->get<std::string>();
}

std::string page_token(const std::string& first, const std::string& second) {
  return to_base64(Json::array({first, second}).dump());
}

std::pair<std::string, std::string> read_page_token(const std::string& token,
                                                    const std::string& parameter) {
  if (token.empty()) return {};
  const auto text = from_base64(token);
  const Json names = text ? Json::parse(*text, nullptr, false) : Json();
  if (!names.is_array() || names.size() != 2 || !names[0].is_string() || !names[1].is_string()) {
    throw errors::invalid(parameter);
  }
  return {names[0], names[1]};
}

Json tags_of(const Json& input) {
  Json tags = Json::object();
  const auto found = input.find(m::Tags);
  if (found == input.end()) return tags;
  for (const Json& tag : *found) {
    const std::string key = text_of(tag, m::Key);
    if (tags.contains(key)) throw errors::invalid("Duplicated keys are not allowed.");
    tags[key] = text_of(tag, m::Value);
  }
  if (tags.size() > limits::kMostTags) throw errors::too_many_tags();
  return tags;
}

AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations) {
  const wire::Violation& first = violations.front();
  // A text at the top that is missing has SNS's own words; what lies deeper, or is a map, has the
  // common ones.
  if (first.rule == wire::Violation::Rule::required && first.path.find('.') == std::string::npos) {
    for (const wire::Member& member : operation.input->members) {
      if (!equal_ignore_case(member.name, first.path)) continue;
      if (member.shape->type == wire::Type::string) {
        return errors::missing(std::string(member.name));
      }
    }
  }
  return errors::validation(wire::summary({first}));
}

std::vector<std::string> topic_resource(const gateway::RequestContext&, const Json& input) {
  return {text_of(input, m::TopicArn, text_of(input, m::TargetArn, "*"))};
}

std::vector<std::string> new_topic_resource(const gateway::RequestContext& context,
                                            const Json& input) {
  return {context.arn(text_of(input, m::Name))};
}

std::vector<std::string> arn_resource(const gateway::RequestContext&, const Json& input) {
  for (const char* member : {m::ResourceArn, m::SubscriptionArn, m::EndpointArn,
                             m::PlatformApplicationArn, m::TopicArn}) {
    if (input.contains(member)) return {text_of(input, member)};
  }
  return {"*"};
}

}  // namespace paddock::services::sns
