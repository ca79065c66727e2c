// One request on its way through a stage: what the client sent, what was found out about it, and
// the documents made of that. Used by one coroutine at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "http/message.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/gateway_error.hpp"
#include "services/apigateway/json_path.hpp"
#include "services/apigateway/proxy.hpp"
#include "services/apigateway/served_stage.hpp"
#include "services/apigateway/vtl.hpp"

namespace paddock::services::apigateway {

// The lines of an execution log, for test invocations; kept only if somebody reads them.
class ExecutionLog {
 public:
  explicit ExecutionLog(bool kept = false) : kept_(kept) {}
  bool kept() const { return kept_; }
  void add(std::string line) {
    if (kept_) lines_.push_back(std::move(line));
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  bool kept_;
  std::vector<std::string> lines_;
};

class Invocation {
 public:
  Invocation(const http::RequestHead& head, std::shared_ptr<const ServedStage> stage)
      : head(head), stage(std::move(stage)) {}

  const http::RequestHead& head;
  const std::shared_ptr<const ServedStage> stage;
  const CompiledDeployment* deployment = nullptr;
  const CompiledMethod* method = nullptr;  // nullptr: no route
  bool canary = false;
  std::string path;                 // within the stage, as sent
  std::string base_path;            // of a custom domain's mapping: "/v1", or ""
  bool own_domain = false;          // came by a custom domain: the path shows no stage
  vtl::Parameters path_parameters;  // as sent
  vtl::Parameters query;            // decoded, in order
  vtl::Parameters headers;          // as sent, without framing
  std::string body;
  bool binary = false;  // the body's type is one of the API's binary types
  bool accepts_binary = false;
  std::string request_id;
  std::string extended_request_id;
  std::string trace_id;
  int64_t time_ms = 0;
  Json identity;          // members that are known beside the client's own
  Json authorizer;        // the authorizer's context, or null
  std::string usage_key;  // what an authorizer gave as API key
  ExecutionLog log;

  const Json& variables() const { return canary ? stage->canary_variables : stage->variables; }

  // Once deployment, method and parameters are set: the parameters of the head.
  void read_head();
  // The document behind $context; overrides of templates stay in it.
  Json& context();
  bool has_context() const { return context_.has_value(); }  // somebody asked for it
  // The event of a proxy integration (also what a REQUEST authorizer gets).
  ProxyRequest proxy_request() const;
  // "arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path"
  std::string method_arn() const;

  // The value of a source; nullopt if there is none. `answer`: where headers and bodies come from
  // instead of the request. Throws GatewayError for a body that should be JSON.
  std::optional<std::string> value_of(const Source& source, const EndpointAnswer* answer = nullptr);
  // All values, for those of several.
  std::vector<std::string> values_of(const Source& source, const EndpointAnswer* answer = nullptr);

  // Renders a template; one that cannot be is a GatewayError. `body`: what $input shows.
  std::string render(const CompiledTemplate& text, std::string_view body);

 private:
  std::optional<std::string> from_body(const Source& source, std::string_view body,
                                       bool of_answer) const;
  std::optional<Json> context_;
};

// The last value of a name; nullptr if there is none.
const std::string* last_value(const vtl::Parameters& parameters, std::string_view name,
                              bool ignore_case);
// Sets the value of a name, whose case does not count.
void set_parameter(vtl::Parameters& parameters, const std::string& name, std::string value);
// Renders a template; one that cannot be is a GatewayError.
std::string render_template(const CompiledTemplate& text, const vtl::Inputs& inputs);

}  // namespace paddock::services::apigateway
