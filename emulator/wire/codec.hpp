// Protocols: the bytes of a request to a document, a document or an error to the bytes of an
// answer. One codec per protocol; all are stateless and thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "http/message.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

// Bounds of every decoder.
inline constexpr size_t kMaxDepth = 128;  // DynamoDB's 32 levels of values are 72 of JSON
inline constexpr size_t kMaxFormFields = 20'000;

// How one service words what the protocol leaves open.
struct ErrorStyle {
  // Namespace of an error code, with its '#': "com.amazonaws.dynamodb.v20120810#"; nullptr: none.
  std::string_view (*code_namespace)(std::string_view code) = nullptr;
  // Member that carries the text in JSON: "message" or "Message"; nullptr: as the error's shape has
  // it, else "message". An empty text is left out.
  std::string_view (*message_member)(std::string_view code) = nullptr;
  bool crc32 = false;         // adds x-amz-crc32 to every answer
  bool request_id52 = false;  // request ids in DynamoDB's form
  bool request_id16 = false;  // request ids in S3's form
};

// What a decoder needs beside the body.
struct WireRequest {
  const http::RequestHead& head;
  std::string_view body;
  // Values of {labels} of the operation's uri, decoded; filled by routing for REST protocols.
  const std::map<std::string, std::string, std::less<>>& labels;
};

class Codec {
 public:
  virtual ~Codec() = default;

  // The request as a document of operation.input (an empty object if it has none). Throws AwsError
  // with the protocol's and service's own code for malformed bytes or a wrong type (never a 500).
  // Unknown members are dropped, as AWS does.
  virtual Json decode(const ServiceModel& service, const OperationModel& operation,
                      const WireRequest& request) const = 0;

  // Success. Members that the output shape lacks are a programming error (assert in debug).
  virtual http::Response encode(const ServiceModel& service, const OperationModel& operation,
                                const Json& output, std::string_view request_id) const = 0;
  // Success whose body a handler has encoded already.
  virtual http::Response encode_text(const ServiceModel& service, const OperationModel& operation,
                                     std::string text, std::string_view request_id) const = 0;
  // The beginning of a success that is an event stream: status and headers from `head`, a document
  // of the output without its stream; the body is what comes before the first event. Throws
  // std::logic_error where the protocol has no event streams.
  virtual http::Response encode_stream_head(const ServiceModel& service,
                                            const OperationModel& operation, const Json& head,
                                            std::string_view request_id) const;
  // An error; `operation` may be null (not routed).
  virtual http::Response encode_error(const ServiceModel& service, const AwsError& error,
                                      const ErrorStyle& style,
                                      std::string_view request_id) const = 0;
};

// The codec of a protocol that is built; nullptr for others.
const Codec* codec(Protocol protocol);

// The last step for every answer, error or not, once its body is complete: adds what the service's
// style asks of all of them (x-amz-crc32). Harmless when called twice.
void finish(http::Response& response, const ErrorStyle& style);

// Parses JSON text with all bounds: depth, duplicate keys, UTF-8, nothing after the value. Throws
// std::invalid_argument with a text for people.
Json parse_json(std::string_view text);

// The query string or form body (at most kMaxFormFields) as name -> values, decoded, in order.
// Throws std::invalid_argument for malformed escapes or UTF-8.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

}  // namespace paddock::wire
