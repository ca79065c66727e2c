// What the handlers share in reading inputs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "gateway/context.hpp"
#include "wire/model.hpp"
#include "wire/validate.hpp"

namespace paddock::services::sns {

// The string member, or `fallback`.
std::string text_of(const Json& input, const char* member, std::string_view fallback = {});

// A place in a list of things with two names, as a token and back: "" is the beginning. Throws
// InvalidParameter for a text that is no token.
std::string page_token(const std::string& first, const std::string& second);
std::pair<std::string, std::string> read_page_token(const std::string& token,
                                                    const std::string& parameter);

// The tags of an input as key -> value. Throws InvalidParameter for a key given twice.
Json tags_of(const Json& input);

// Inputs that break the model, in SNS's words.
AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations);

// For operation rows: the ARNs that the input names.
std::vector<std::string> topic_resource(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> new_topic_resource(const gateway::RequestContext& context,
                                            const Json& input);
std::vector<std::string> arn_resource(const gateway::RequestContext& context, const Json& input);

}  // namespace paddock::services::sns
