#include "wire/codec.hpp"

#include <stdexcept>

#include "wire/aws_json.hpp"
#include "wire/aws_query.hpp"
#include "wire/rest_json.hpp"
#include "wire/rest_xml.hpp"

namespace paddock::wire {

http::Response Codec::encode_stream_head(const ServiceModel&, const OperationModel& operation,
                                         const Json&, std::string_view) const {
  throw std::logic_error(std::string(operation.name) + ": no event streams in this protocol");
}

const Codec* codec(Protocol protocol) {
  // Stateless objects, constant for the life of the process.
  static const AwsJson aws_json_1_0("application/x-amz-json-1.0");
  static const AwsJson aws_json_1_1("application/x-amz-json-1.1");
  static const AwsQuery aws_query;
  static const RestJson rest_json;
  static const RestXml rest_xml;
  switch (protocol) {
    case Protocol::aws_json_1_0:
      return &aws_json_1_0;
    case Protocol::aws_json_1_1:
      return &aws_json_1_1;
    case Protocol::aws_query:
      return &aws_query;
    case Protocol::rest_json:
      return &rest_json;
    case Protocol::rest_xml:
      return &rest_xml;
    case Protocol::cbor:
      return nullptr;  // not built yet
  }
  return nullptr;
}

}  // namespace paddock::wire
