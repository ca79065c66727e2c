#include "services/all.hpp"

#include <array>

#include "services/apigateway/service.hpp"
#include "services/autoscaling/service.hpp"
#include "services/dynamodb/service.hpp"
#include "services/iam/service.hpp"
#include "services/kinesis/service.hpp"
#include "services/lambda/service.hpp"
#include "services/logs/service.hpp"
#include "services/s3/service.hpp"
#include "services/sns/service.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services {

std::span<const gateway::ServiceFactory> all() {
  static constexpr std::array<gateway::ServiceFactory, 10> kServices{
      &apigateway::make, &autoscaling::make, &dynamodb::make, &iam::make, &kinesis::make,
      &lambda::make,     &logs::make,        &s3::make,       &sns::make, &sqs::make,
  };
  return kServices;
}

}  // namespace paddock::services
