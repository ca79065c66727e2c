// The codec of restJson1.
#pragma once

#include "wire/codec.hpp"

namespace paddock::wire {

class RestJson : public Codec {
 public:
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
};

}  // namespace paddock::wire
