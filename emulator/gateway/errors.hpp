// Errors that the pipeline itself raises, and the answers to requests that belong to no service.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/log.hpp"
#include "http/message.hpp"
#include "identity/identity.hpp"
#include "wire/model.hpp"

namespace paddock::gateway {

struct Call;

// An operation of the model that is not built yet: 501, naming itself.
AwsError not_implemented(const wire::ServiceModel& model, std::string_view operation);
// No service matches: names what the request asked for.
AwsError unknown_service(const http::RequestHead& head,
                         const std::optional<identity::Signature>& signature,
                         std::string_view host);

// Whatever a handler or the layers below threw, as the error the client gets. Unexpected ones are
// logged.
AwsError to_aws_error(std::exception_ptr thrown, const Call& call, Log& log);

// For a request whose service is unknown: JSON or XML by its content type.
http::Response protocol_neutral_error(const http::RequestHead& head, const AwsError& error,
                                      std::string_view request_id);

http::Response foreign_host_response(std::string_view host);
http::Response foreign_origin_response(std::string_view origin);

}  // namespace paddock::gateway
