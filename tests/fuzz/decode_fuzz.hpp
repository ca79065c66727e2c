// What the decoder targets share: whatever comes in, a decoder throws AwsError and nothing else,
// and what it accepts can be validated and encoded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "wire/codec.hpp"
#include "wire/validate.hpp"

namespace paddock::fuzz {

inline void try_decode(wire::Protocol protocol, const wire::ServiceModel& service,
                       const wire::OperationModel& operation, const http::RequestHead& head,
                       std::string_view body,
                       const std::map<std::string, std::string, std::less<>>& labels) {
  const wire::Codec& codec = *wire::codec(protocol);
  try {
    const Json document = codec.decode(service, operation, {head, body, labels});
    if (operation.input == nullptr) return;
    const auto violations = wire::validate(*operation.input, document);
    if (!violations.empty()) wire::summary(violations);
    // Nulls in lists are the one thing that validation must refuse before an answer is written.
    if (!violations.empty()) return;
    wire::OperationModel echo = operation;
    echo.output = operation.input;
    codec.encode(service, echo, document, "fuzz");
  } catch (const AwsError& error) {
    codec.encode_error(service, error, {}, "fuzz");
  }
}

}  // namespace paddock::fuzz
