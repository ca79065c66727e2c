#include "services/iam/managed_policies.hpp"

#include <algorithm>
#include <array>

namespace paddock::services::iam {

namespace managed_detail {

constexpr std::string_view kArnStart = "arn:aws:iam::aws:policy";

constexpr auto kPolicies = std::to_array<ManagedPolicy>({
    {"/", "AWSCloudFormationFullAccess"},
    {"/", "AWSCloudFormationReadOnlyAccess"},
    {"/", "AWSGlueConsoleFullAccess"},
    {"/", "AWSKeyManagementServicePowerUser"},
    {"/", "AWSLambdaExecute"},
    {"/", "AWSLambdaInvocation-DynamoDB"},
    {"/", "AWSLambda_FullAccess"},
    {"/", "AWSLambda_ReadOnlyAccess"},
    {"/", "AWSStepFunctionsConsoleFullAccess"},
    {"/", "AWSStepFunctionsFullAccess"},
    {"/", "AWSStepFunctionsReadOnlyAccess"},
    {"/", "AWSXRayDaemonWriteAccess"},
    {"/", "AWSXrayFullAccess"},
    {"/", "AWSXrayReadOnlyAccess"},
    {"/", "AdministratorAccess"},
    {"/", "AmazonAPIGatewayAdministrator"},
    {"/", "AmazonAPIGatewayInvokeFullAccess"},
    {"/", "AmazonAthenaFullAccess"},
    {"/", "AmazonCognitoPowerUser"},
    {"/", "AmazonCognitoReadOnly"},
    {"/", "AmazonDynamoDBFullAccess"},
    {"/", "AmazonDynamoDBReadOnlyAccess"},
    {"/", "AmazonEC2FullAccess"},
    {"/", "AmazonEC2ReadOnlyAccess"},
    {"/", "AmazonEventBridgeFullAccess"},
    {"/", "AmazonEventBridgeReadOnlyAccess"},
    {"/", "AmazonKinesisAnalyticsFullAccess"},
    {"/", "AmazonKinesisAnalyticsReadOnly"},
    {"/", "AmazonKinesisFirehoseFullAccess"},
    {"/", "AmazonKinesisFirehoseReadOnlyAccess"},
    {"/", "AmazonKinesisFullAccess"},
    {"/", "AmazonKinesisReadOnlyAccess"},
    {"/", "AmazonS3FullAccess"},
    {"/", "AmazonS3ReadOnlyAccess"},
    {"/", "AmazonSNSFullAccess"},
    {"/", "AmazonSNSReadOnlyAccess"},
    {"/", "AmazonSQSFullAccess"},
    {"/", "AmazonSQSReadOnlyAccess"},
    {"/", "AmazonSSMFullAccess"},
    {"/", "AmazonSSMManagedInstanceCore"},
    {"/", "AmazonSSMReadOnlyAccess"},
    {"/", "CloudWatchEventsFullAccess"},
    {"/", "CloudWatchFullAccess"},
    {"/", "CloudWatchFullAccessV2"},
    {"/", "CloudWatchLambdaInsightsExecutionRolePolicy"},
    {"/", "CloudWatchLogsFullAccess"},
    {"/", "CloudWatchLogsReadOnlyAccess"},
    {"/", "CloudWatchReadOnlyAccess"},
    {"/", "IAMFullAccess"},
    {"/", "IAMReadOnlyAccess"},
    {"/", "IAMUserChangePassword"},
    {"/", "PowerUserAccess"},
    {"/", "ReadOnlyAccess"},
    {"/", "SecretsManagerReadWrite"},
    {"/", "SecurityAudit"},
    {"/job-function/", "Billing"},
    {"/job-function/", "DataScientist"},
    {"/job-function/", "DatabaseAdministrator"},
    {"/job-function/", "NetworkAdministrator"},
    {"/job-function/", "SupportUser"},
    {"/job-function/", "SystemAdministrator"},
    {"/job-function/", "ViewOnlyAccess"},
    {"/service-role/", "AWSAppSyncPushToCloudWatchLogs"},
    {"/service-role/", "AWSGlueServiceRole"},
    {"/service-role/", "AWSLambdaBasicExecutionRole"},
    {"/service-role/", "AWSLambdaDynamoDBExecutionRole"},
    {"/service-role/", "AWSLambdaENIManagementAccess"},
    {"/service-role/", "AWSLambdaKinesisExecutionRole"},
    {"/service-role/", "AWSLambdaMSKExecutionRole"},
    {"/service-role/", "AWSLambdaRole"},
    {"/service-role/", "AWSLambdaSQSQueueExecutionRole"},
    {"/service-role/", "AWSLambdaVPCAccessExecutionRole"},
    {"/service-role/", "AmazonAPIGatewayPushToCloudWatchLogs"},
    {"/service-role/", "AmazonECSTaskExecutionRolePolicy"},
    {"/service-role/", "CloudWatchEventsBuiltInTargetExecutionAccess"},
    {"/service-role/", "CloudWatchEventsInvocationAccess"},
});

}  // namespace managed_detail

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  using managed_detail::kArnStart;
  if (arn.substr(0, kArnStart.size()) != kArnStart) return nullptr;
  arn.remove_prefix(kArnStart.size());
  const size_t slash = arn.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string_view path = arn.substr(0, slash + 1), name = arn.substr(slash + 1);
  const auto found = std::find_if(
      managed_detail::kPolicies.begin(), managed_detail::kPolicies.end(),
      [&](const ManagedPolicy& policy) { return policy.path == path && policy.name == name; });
  return found == managed_detail::kPolicies.end() ? nullptr : &*found;
}

}  // namespace paddock::services::iam
