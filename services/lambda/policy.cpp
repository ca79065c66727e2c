// Statements of a function's resource policy, as AddPermission writes them.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
#include "core/arn.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/model.hpp"

namespace paddock::services::lambda {
namespace policy {

bool is_account_id(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Json principal(const std::string& text) {
  if (text == "*") {
    return text;
  }
  if (is_account_id(text)) {
    return {{"AWS", "arn:aws:iam::" + text + ":root"}};
  }
  if (std::optional<Arn> arn = Arn::parse(text)) {
    if ((arn->service == "iam" || arn->service == "sts") && is_account_id(arn->account)) {
      return {{"AWS", text}};
    }
  } else if (text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") ||
             text.ends_with(".amazon.com")) {
    return {{"Service", text}};
  }
  throw errors::invalid_parameter(
      "The provided principal was invalid. Please check the principal and try again.");
}

}  // namespace policy

Json policy_statement(const Json& input, const std::string& function_arn) {
  Json statement = {
      {"Sid", input.at(members::StatementId)},
      {"Effect", "Allow"},
      {"Principal", policy::principal(input.at(members::Principal).get<std::string>())},
      {"Action", input.at(members::Action)},
      {"Resource", function_arn},
  };
  Json equals = Json::object();
  if (input.contains(members::SourceAccount)) {
    equals["AWS:SourceAccount"] = input[members::SourceAccount];
  }
  if (input.contains(members::EventSourceToken)) {
    equals["lambda:EventSourceToken"] = input[members::EventSourceToken];
  }
  if (input.contains(members::FunctionUrlAuthType)) {
    equals["lambda:FunctionUrlAuthType"] = input[members::FunctionUrlAuthType];
  }
  if (input.contains(members::PrincipalOrgID)) {
    equals["aws:PrincipalOrgID"] = input[members::PrincipalOrgID];
  }
  Json condition = Json::object();
  if (!equals.empty()) {
    condition["StringEquals"] = std::move(equals);
  }
  if (input.contains(members::SourceArn)) {
    condition["ArnLike"] = {{"AWS:SourceArn", input[members::SourceArn]}};
  }
  if (input.contains(members::InvokedViaFunctionUrl)) {
    condition["Bool"] = {{"lambda:InvokedViaFunctionUrl",
                          input[members::InvokedViaFunctionUrl].get<bool>() ? "true" : "false"}};
  }
  if (!condition.empty()) {
    statement["Condition"] = std::move(condition);
  }
  return statement;
}

std::string policy_text(const Json& statements) {
  return Json{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", statements}}.dump();
}

}  // namespace paddock::services::lambda
