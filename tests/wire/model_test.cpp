#include "wire/model.hpp"

#include <gtest/gtest.h>

#include "models/apigateway.hpp"
#include "models/dynamodb.hpp"
#include "models/dynamodbstreams.hpp"
#include "models/iam.hpp"
#include "models/lambda.hpp"
#include "models/logs.hpp"
#include "models/sample.hpp"
#include "models/sts.hpp"

namespace paddock::wire {
namespace {

const ServiceModel* const kAll[] = {
    &models::apigateway, &models::dynamodb, &models::dynamodbstreams, &models::iam, &models::lambda,
    &models::logs,       &models::sts,      &models::sample};

TEST(Models, FindEveryOperationAndMemberByName) {
  for (const ServiceModel* service : kAll) {
    ASSERT_FALSE(service->operations.empty());
    for (const OperationModel& operation : service->operations) {
      EXPECT_EQ(service->find(operation.name), &operation);
      for (const Shape* shape : {operation.input, operation.output}) {
        if (shape == nullptr) continue;
        for (const Member& member : shape->members) {
          EXPECT_EQ(shape->find(member.name), &member);
          EXPECT_NE(shape->find_wire(member.wire_name), nullptr);
        }
      }
    }
    EXPECT_EQ(service->find(""), nullptr);
    EXPECT_EQ(service->find("putItem"), nullptr);
    EXPECT_EQ(service->find("~"), nullptr);
  }
}

TEST(Models, KeepTheModelsOrderBesideTheSortedMembers) {
  const Shape& shape = *models::dynamodb.find("CreateTable")->input;
  ASSERT_EQ(shape.order.size(), shape.members.size());
  EXPECT_EQ(shape.members[shape.order[0]].name, "AttributeDefinitions");
  EXPECT_EQ(shape.members[shape.order[1]].name, "TableName");
  EXPECT_EQ(shape.members[shape.order[2]].name, "KeySchema");
  for (size_t i = 0; i < shape.order.size(); i++) {
    EXPECT_EQ(shape.members[shape.order[i]].position, i);
  }
}

TEST(Models, CarryTheFactsOfTheService) {
  EXPECT_EQ(models::dynamodb.name, "dynamodb");
  EXPECT_EQ(models::dynamodb.service_id, "DynamoDB");
  EXPECT_EQ(models::dynamodb.target_prefix, "DynamoDB_20120810");
  EXPECT_EQ(models::dynamodb.protocol, Protocol::aws_json_1_0);
  EXPECT_EQ(models::dynamodbstreams.signing_name, "dynamodb");
  EXPECT_EQ(models::logs.protocol, Protocol::aws_json_1_1);
  EXPECT_EQ(models::iam.protocol, Protocol::aws_query);
  EXPECT_EQ(models::iam.xml_namespace, "https://iam.amazonaws.com/doc/2010-05-08/");
  EXPECT_EQ(models::lambda.protocol, Protocol::rest_json);
}

TEST(Models, CarryBindingsConstraintsAndErrors) {
  const OperationModel& invoke = *models::lambda.find("Invoke");
  EXPECT_EQ(invoke.method, "POST");
  EXPECT_EQ(invoke.uri, "/2015-03-31/functions/{FunctionName}/invocations");
  ASSERT_NE(invoke.input->payload, nullptr);
  EXPECT_EQ(invoke.input->payload->name, "Payload");
  EXPECT_EQ(invoke.input->find("FunctionName")->location, Location::uri);
  EXPECT_TRUE(invoke.input->find("FunctionName")->required);
  EXPECT_EQ(invoke.input->find("LogType")->wire_name, "X-Amz-Log-Type");
  EXPECT_EQ(invoke.output->find("StatusCode")->location, Location::status_code);

  const Shape& name = *models::iam.find("GetRole")->input->find("RoleName")->shape;
  EXPECT_EQ(name.pattern, "[\\w+=,.@-]+");
  EXPECT_TRUE(name.has_min);
  EXPECT_EQ(name.min, 1);
  EXPECT_EQ(name.max, 64);
  EXPECT_EQ(models::iam.find("GetRole")->result_wrapper, "GetRoleResult");

  for (const Shape* error : models::iam.find("GetRole")->errors) {
    EXPECT_TRUE(error->error);
    if (error->name != "NoSuchEntityException") continue;
    EXPECT_EQ(error->error_code, "NoSuchEntity");
    EXPECT_EQ(error->error_status, 404);
  }
}

TEST(Models, TieRecursiveShapesToThemselves) {
  const Shape& value =
      *models::dynamodb.find("PutItem")->input->find("Item")->shape->element->shape;
  EXPECT_EQ(value.name, "AttributeValue");
  EXPECT_EQ(value.find("L")->shape->element->shape, &value);
  EXPECT_EQ(value.find("M")->shape->element->shape, &value);
}

TEST(Models, GiveEveryMemberNameAConstant) {
  EXPECT_STREQ(models::dynamodb_members::TableName, "TableName");
  EXPECT_STREQ(models::dynamodb_members::NULL_, "NULL");
  EXPECT_STREQ(models::apigateway_members::restApiId, "restApiId");
  EXPECT_STREQ(models::sample_members::Renamed, "Renamed");
}

}  // namespace
}  // namespace paddock::wire
