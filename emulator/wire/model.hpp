// The facts of an AWS API as constexpr tables. `modelc` writes them from models/<service>.json and
// patches.json into the build folder: generated/models/<service>.hpp declares
// `paddock::models::<service>` (ServiceModel) and, in `paddock::models::<service>_members`, one
// `inline constexpr const char*` per member name, so that a typo does not compile.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace paddock::wire {

enum class Protocol : uint8_t { aws_json_1_0, aws_json_1_1, aws_query, rest_json, rest_xml, cbor };

enum class Type : uint8_t {
  structure,
  list,
  map,
  string,
  blob,
  boolean,
  byte,
  short_,
  integer,
  long_,
  float_,
  double_,
  timestamp,
  document
};

// Where a member travels in a REST protocol; the last two: in an event of an event stream.
enum class Location : uint8_t {
  body,
  uri,
  query,
  header,
  headers,
  status_code,
  payload,
  event_payload,
  event_header
};

enum class TimestampFormat : uint8_t { by_protocol, iso8601, http_date, unix_seconds };

struct Shape;

struct Member {
  std::string_view name;       // the document's name
  std::string_view wire_name;  // locationName, or the name
  const Shape* shape;
  Location location;
  bool required;
  bool idempotency_token;
  bool xml_attribute;
  bool flattened;     // of the member's list or map
  uint16_t position;  // in the model's order, which is that of error lists and XML answers
};

struct Shape {
  std::string_view name;
  Type type;
  std::span<const Member> members = {};  // structure, sorted by name
  std::span<const uint16_t> order = {};  // of `members`: their indexes in the model's order
  const Member* element = nullptr;       // list element or map value
  const Member* key = nullptr;           // map key
  std::span<const std::string_view> values = {};  // enum, in the model's order
  std::string_view pattern = {};
  // Length of strings and blobs, size of lists and maps, or value of numbers.
  bool has_min = false;
  bool has_max = false;
  double min = 0;
  double max = 0;
  TimestampFormat timestamp = TimestampFormat::by_protocol;
  bool streaming = false;
  bool event_stream = false;
  bool union_ = false;
  bool error = false;                // an error shape: then
  int error_status = 0;              // its HTTP status (0: 400 or 500 by `fault`)
  bool fault = false;                // the server's fault
  std::string_view error_code = {};  // code on the wire if it differs from the name
  bool nulls_refused = false;        // list or map: says so in its messages (see models/README.md)
  std::string_view media_type = {};  // blob as a payload; "": application/octet-stream
  std::string_view xml_name = {};    // structure: its element as the root of an XML body
  std::string_view xml_prefix = {};  // structure: a namespace that its element declares, by prefix
  std::string_view xml_uri = {};
  const Member* payload = nullptr;  // structure: the member that is the whole REST body

  const Member* find(std::string_view member) const;  // by name; binary search
  const Member* find_wire(std::string_view wire_name) const;
};

struct OperationModel {
  std::string_view name;
  std::string_view method;  // "POST"
  std::string_view uri;     // "/restapis/{restapi_id}/resources/{parent_id}", may hold a query
  int status;               // of success
  const Shape* input;       // nullptr: none
  const Shape* output;      // nullptr: none
  std::string_view result_wrapper;  // awsQuery
  std::span<const Shape* const> errors;
};

struct ServiceModel {
  std::string_view name;             // the file's name: "dynamodb"
  std::string_view service_id;       // "DynamoDB"
  std::string_view api_version;      // "2012-08-10"
  std::string_view endpoint_prefix;  // "dynamodb"
  std::string_view signing_name;
  std::string_view target_prefix;  // "DynamoDB_20120810"; "" for others
  std::string_view xml_namespace;
  Protocol protocol;
  std::span<const OperationModel> operations;  // sorted by name

  const OperationModel* find(std::string_view operation) const;  // binary search
};

}  // namespace paddock::wire
