// What the handlers share in reading inputs and writing outputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "gateway/context.hpp"
#include "services/iam/model.hpp"
#include "wire/model.hpp"
#include "wire/validate.hpp"

namespace paddock::services::iam {

// The string member, or `fallback`.
std::string text_of(const Json& input, const char* member, std::string_view fallback = {});

std::vector<Tag> tags_of(const Json& input);  // throws InvalidInputException
Json tags_document(const std::vector<Tag>& tags);

// The ARN of PermissionsBoundary, or "". Throws InvalidInputException, NoSuchEntityException.
std::string boundary_of(const Json& input);
Json boundary_document(const std::string& arn);

// The user that a call without UserName is about; "" for the root user. Throws ValidationError for
// callers that are no users.
std::string calling_user(const gateway::RequestContext& context);

// One page of a list: Marker and MaxItems in, IsTruncated and Marker out. A marker is the last name
// of the page before, in base 64.
class Paging {
 public:
  explicit Paging(const Json& input);  // throws ValidationError

  const std::string& after() const { return after_; }
  // False if the page is full: then the list goes on with `name`.
  bool take(const std::string& name);
  void write(Json& output) const;

 private:
  std::string after_;
  size_t left_;
  std::string last_;
  bool truncated_ = false;
};

// Inputs that break the model, in IAM's words.
AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations);

// For operation rows: the ARNs of the role or user that the input names.
std::vector<std::string> role_resource(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> user_resource(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> roles_resource(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> users_resource(const gateway::RequestContext& context, const Json& input);

}  // namespace paddock::services::iam
