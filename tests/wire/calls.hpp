// Requests and answers for the codec tests, without a server.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "models/sample.hpp"
#include "wire/codec.hpp"

namespace paddock::wire {

struct Call {
  http::RequestHead head;
  std::string body;
  std::map<std::string, std::string, std::less<>> labels;

  Call() = default;
  explicit Call(std::string text) : body(std::move(text)) {}
  Call& query(std::string_view text) {
    head.query = text;
    return *this;
  }
  Call& header(std::string_view name, std::string_view value) {
    head.headers.add(name, value);
    return *this;
  }
  Call& label(const std::string& name, const std::string& value) {
    labels[name] = value;
    return *this;
  }
};

inline const OperationModel& operation_of(const ServiceModel& service, std::string_view name) {
  const OperationModel* found = service.find(name);
  if (found == nullptr) throw std::logic_error("no operation " + std::string(name));
  return *found;
}

inline Json decode(Protocol protocol, const ServiceModel& service, std::string_view operation,
                   const Call& call) {
  return codec(protocol)->decode(service, operation_of(service, operation),
                                 {call.head, call.body, call.labels});
}

inline http::Response encode(Protocol protocol, const ServiceModel& service,
                             std::string_view operation, const Json& output) {
  return codec(protocol)->encode(service, operation_of(service, operation), output, "REQ1");
}

inline Json binary(std::string_view bytes) {
  return Json::binary(Json::binary_t::container_type(bytes.begin(), bytes.end()));
}

// "CODE: message" of the AwsError that `run` throws; "no error" if it returns.
template <class Run>
std::string error_of(Run&& run) {
  try {
    run();
  } catch (const AwsError& error) {
    return error.code() + ": " + error.message();
  }
  return "no error";
}

}  // namespace paddock::wire
