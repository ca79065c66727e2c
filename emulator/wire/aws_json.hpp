// The codec of awsJson 1.0 and 1.1, which differ in their content type.
#pragma once

#include "wire/codec.hpp"

namespace paddock::wire {

class AwsJson : public Codec {
 public:
  explicit constexpr AwsJson(std::string_view content_type) : content_type_(content_type) {}

  Json decode(const ServiceModel& service, const OperationModel& operation,
              const WireRequest& request) const override;
  http::Response encode(const ServiceModel& service, const OperationModel& operation,
                        const Json& output, std::string_view request_id) const override;
  http::Response encode_text(const ServiceModel& service, const OperationModel& operation,
                             std::string text, std::string_view request_id) const override;
  http::Response encode_stream_head(const ServiceModel& service, const OperationModel& operation,
                                    const Json& head, std::string_view request_id) const override;
  http::Response encode_error(const ServiceModel& service, const AwsError& error,
                              const ErrorStyle& style, std::string_view request_id) const override;

 private:
  std::string_view content_type_;
};

}  // namespace paddock::wire
