// Application Auto Scaling's quotas, each with its source:
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html
// (Q) and the API reference (A).
#pragma once

#include <cstddef>

namespace paddock::services::autoscaling {

inline constexpr size_t kTargetsPerNamespace = 5000;  // Q, of DynamoDB; of others 500 to 3,000
inline constexpr size_t kPoliciesPerTarget = 50;      // Q
inline constexpr size_t kActionsPerTarget = 200;      // Q
inline constexpr size_t kStepAdjustments = 20;        // Q, per policy
inline constexpr size_t kTags = 50;                   // A, TagResource
inline constexpr int kDescribedPage = 50;             // A, MaxResults: 1 to 50
inline constexpr double kLeastTarget = 8.51592e-109;  // A, TargetValue
inline constexpr double kMostTarget = 1.174271e108;   // A, TargetValue
inline constexpr double kLeastUtilization = 10.0;     // AWS's message for DynamoDB's metrics
inline constexpr double kMostUtilization = 90.0;      // the same

}  // namespace paddock::services::autoscaling
