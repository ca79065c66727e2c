// The codec of restXml (https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html), with the
// errors of S3: <Error> is the root, request ids are x-amz-request-id and x-amz-id-2.
#pragma once

#include "wire/codec.hpp"

namespace paddock::wire {

class RestXml : public Codec {
 public:
  // A payload that is a blob stays out of the document when the request's body is empty: it is then
  // absent, or a stream that the handler reads.
  Json decode(const ServiceModel& service, const OperationModel& operation,
              const WireRequest& request) const override;
  http::Response encode(const ServiceModel& service, const OperationModel& operation,
                        const Json& output, std::string_view request_id) const override;
  http::Response encode_text(const ServiceModel& service, const OperationModel& operation,
                             std::string text, std::string_view request_id) const override;
  http::Response encode_error(const ServiceModel& service, const AwsError& error,
                              const ErrorStyle& style, std::string_view request_id) const override;
};

}  // namespace paddock::wire
