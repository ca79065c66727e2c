// A call of a service in its own protocol, in-process: what API Gateway's integrations with AWS
// services make of a client's request. Where a document is at hand, core/caller is the way.
#pragma once

#include <string>

#include "core/caller.hpp"
#include "http/message.hpp"

namespace paddock::gateway {

struct ServiceRequest {
  ServiceRequest() = default;  // no aggregate: it is passed to a coroutine by value

  // As integration URIs name services: endpoint prefix, signing name or model name.
  std::string service;
  // The operation of the "action" form; "" if head and body say all. The body is then its input in
  // the service's protocol, JSON for the JSON protocols.
  std::string action;
  http::RequestHead head;  // its Host does not matter
  std::string body;
};

class ServiceCaller {
 public:
  virtual ~ServiceCaller() = default;

  // The answer, an error's too, as the service gives it on the wire. Throws AwsError with 501 for a
  // service that is not there. Resumes on the caller's executor.
  virtual Task<http::Response> send(CallIdentity identity, ServiceRequest request) = 0;
};

struct Platform;

// The emulator's own: the gateway behind platform.caller.
ServiceCaller& service_caller(Platform& platform);

}  // namespace paddock::gateway
