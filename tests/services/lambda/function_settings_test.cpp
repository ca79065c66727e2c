// What is kept beside a function: provisioned concurrency, code signing, runtime updates, loop
// detection; and the members of a configuration that nothing here acts on.
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

// A function "f" with a version 1 and an alias "live" of it.
class FunctionSettingsTest : public LambdaTest {
 protected:
  static constexpr const char* kArn = "arn:aws:lambda:us-east-1:000000000000:function:f";

  void SetUp() override {
    LambdaTest::SetUp();
    create("f", "echo");
    call("PublishVersion", {{"FunctionName", "f"}});
    call("CreateAlias", {{"FunctionName", "f"}, {"Name", "live"}, {"FunctionVersion", "1"}});
  }
  Answer provisioned(const std::string& verb, const std::string& qualifier, int amount = 0,
                     const std::string& function = "f") {
    Json input = {{"FunctionName", function}, {"Qualifier", qualifier}};
    if (amount != 0) input["ProvisionedConcurrentExecutions"] = amount;
    return call(verb + "ProvisionedConcurrencyConfig", input);
  }
  std::string new_signing() {
    return call("CreateCodeSigningConfig",
                {{"AllowedPublishers", {{"SigningProfileVersionArns", {kProfile}}}}})
        .body["CodeSigningConfig"]["CodeSigningConfigArn"];
  }
  static constexpr const char* kProfile =
      "arn:aws:signer:us-east-1:000000000000:/signing-profiles/test";
  static constexpr const char* kNoSigning =
      "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000";
};

TEST_F(FunctionSettingsTest, ProvisionedConcurrencyIsReadyAtTheNextRead) {
  const Answer put = provisioned("Put", "1", 3);
  ASSERT_EQ(put.error, "") << put.message;
  EXPECT_EQ(put.body["Status"], "IN_PROGRESS");
  EXPECT_EQ(put.body["RequestedProvisionedConcurrentExecutions"], 3);
  EXPECT_EQ(put.body["AvailableProvisionedConcurrentExecutions"], 0);
  const Json read = provisioned("Get", "1").body;
  EXPECT_EQ(read["Status"], "READY");
  EXPECT_EQ(read["AvailableProvisionedConcurrentExecutions"], 3);
  EXPECT_EQ(read["LastModified"], put.body["LastModified"]);
  const Json list = call("ListProvisionedConcurrencyConfigs", {{"FunctionName", "f"}}).body;
  ASSERT_EQ(list["ProvisionedConcurrencyConfigs"].size(), 1u);
  EXPECT_EQ(list["ProvisionedConcurrencyConfigs"][0]["FunctionArn"], std::string(kArn) + ":1");
  EXPECT_EQ(provisioned("Delete", "1").error, "");
  EXPECT_EQ(provisioned("Delete", "1").error, "");
  const Answer gone = provisioned("Get", "1");
  EXPECT_EQ(gone.error, "ProvisionedConcurrencyConfigNotFoundException");
  EXPECT_EQ(gone.message, "No Provisioned Concurrency Config found for this function");
}

TEST_F(FunctionSettingsTest, AVersionAndItsAliasAreNotBothProvisioned) {
  provisioned("Put", "1", 1);
  EXPECT_EQ(provisioned("Put", "live", 1).message,
            "Alias can't be used for Provisioned Concurrency configuration on an already "
            "Provisioned version");
  provisioned("Delete", "1");
  EXPECT_EQ(provisioned("Put", "live", 1).error, "");
  const Answer refused = provisioned("Put", "1", 1);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.message, "Version is pointed by a Provisioned Concurrency alias");
  call("DeleteAlias", {{"FunctionName", "f"}, {"Name", "live"}});
  EXPECT_EQ(call("ListProvisionedConcurrencyConfigs", {{"FunctionName", "f"}})
                .body["ProvisionedConcurrencyConfigs"]
                .size(),
            0u);
}

TEST_F(FunctionSettingsTest, ProvisionedConcurrencyNeedsAPublishedVersionAndRoom) {
  for (const char* verb : {"Get", "Delete"}) {
    EXPECT_EQ(provisioned(verb, "$LATEST").message,
              "The function resource provided must be an alias or a published version.");
    EXPECT_EQ(provisioned(verb, "10").message, "Function not found: " + std::string(kArn) + ":10");
    EXPECT_EQ(provisioned(verb, "none").message,
              "Cannot find alias arn: " + std::string(kArn) + ":none");
  }
  EXPECT_EQ(provisioned("Put", "$LATEST", 1).message,
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  EXPECT_EQ(provisioned("Put", "noalias", 1, "none").message,
            "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:none:noalias");
  EXPECT_EQ(provisioned("Put", "1", 1001).message,
            "Specified ConcurrentExecutions for function is greater than account's unreserved "
            "concurrency [1000].");
  EXPECT_EQ(provisioned("Put", "1", 950).message,
            "Specified ConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100].");
  call("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 2}});
  EXPECT_EQ(provisioned("Put", "1", 3).message,
            "Requested Provisioned Concurrency should not be greater than the "
            "reservedConcurrentExecution for function");
  EXPECT_EQ(call("ListProvisionedConcurrencyConfigs", {{"FunctionName", "none"}}).status, 404);
}

TEST_F(FunctionSettingsTest, CodeSigningConfigurationsAreKept) {
  const Answer made = call("CreateCodeSigningConfig",
                           {{"AllowedPublishers", {{"SigningProfileVersionArns", {kProfile}}}},
                            {"CodeSigningPolicies", {{"UntrustedArtifactOnDeployment", "Enforce"}}},
                            {"Description", "d"},
                            {"Tags", {{"a", "b"}}}});
  ASSERT_EQ(made.error, "") << made.message;
  const Json config = made.body["CodeSigningConfig"];
  const std::string arn = config["CodeSigningConfigArn"];
  const std::string id = config["CodeSigningConfigId"];
  EXPECT_EQ(arn, "arn:aws:lambda:us-east-1:000000000000:code-signing-config:" + id);
  EXPECT_EQ(id.size(), 21u);
  EXPECT_EQ(call("GetCodeSigningConfig", {{"CodeSigningConfigArn", arn}}).body, made.body);
  const Json updated = call("UpdateCodeSigningConfig",
                            {{"CodeSigningConfigArn", arn},
                             {"CodeSigningPolicies", {{"UntrustedArtifactOnDeployment", "Warn"}}}})
                           .body["CodeSigningConfig"];
  EXPECT_EQ(updated["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"], "Warn");
  EXPECT_EQ(updated["Description"], "d");
  EXPECT_EQ(call("ListCodeSigningConfigs", Json::object()).body["CodeSigningConfigs"],
            Json::array({updated}));
  EXPECT_EQ(call("ListTags", {{"Resource", arn}}).body["Tags"], Json({{"a", "b"}}));
  call("TagResource", {{"Resource", arn}, {"Tags", {{"c", "d"}}}});
  call("UntagResource", {{"Resource", arn}, {"TagKeys", {"a"}}});
  EXPECT_EQ(call("ListTags", {{"Resource", arn}}).body["Tags"], Json({{"c", "d"}}));
  const Answer missing = call("GetCodeSigningConfig", {{"CodeSigningConfigArn", kNoSigning}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.message, "The Lambda code signing configuration " + std::string(kNoSigning) +
                                 " can not be found.");
}

TEST_F(FunctionSettingsTest, AFunctionHasACodeSigningConfigurationOrNone) {
  const std::string arn = new_signing();
  EXPECT_EQ(call("GetFunctionCodeSigningConfig", {{"FunctionName", "f"}}).body, Json::object());
  const Json both = {{"CodeSigningConfigArn", arn}, {"FunctionName", "f"}};
  EXPECT_EQ(call("PutFunctionCodeSigningConfig", both).body, both);
  EXPECT_EQ(call("GetFunctionCodeSigningConfig", {{"FunctionName", "f"}}).body, both);
  EXPECT_EQ(call("ListFunctionsByCodeSigningConfig", {{"CodeSigningConfigArn", arn}})
                .body["FunctionArns"],
            Json::array({kArn}));
  EXPECT_EQ(call("DeleteCodeSigningConfig", {{"CodeSigningConfigArn", arn}}).error,
            "ResourceConflictException");
  EXPECT_EQ(call("DeleteFunctionCodeSigningConfig", {{"FunctionName", "f"}}).error, "");
  EXPECT_EQ(call("DeleteCodeSigningConfig", {{"CodeSigningConfigArn", arn}}).error, "");
  const Answer missing = call("PutFunctionCodeSigningConfig",
                              {{"CodeSigningConfigArn", arn}, {"FunctionName", "none"}});
  EXPECT_EQ(missing.error, "CodeSigningConfigNotFoundException");
  EXPECT_EQ(missing.message,
            "The code signing configuration cannot be found. Check that the provided configuration "
            "is not deleted: " +
                arn + ".");
  Json input = function("g", "echo");
  input["CodeSigningConfigArn"] = arn;
  EXPECT_EQ(call("CreateFunction", input).error, "CodeSigningConfigNotFoundException");
  input["CodeSigningConfigArn"] = new_signing();
  EXPECT_EQ(call("CreateFunction", input).error, "");
  EXPECT_EQ(
      call("GetFunctionCodeSigningConfig", {{"FunctionName", "g"}}).body["CodeSigningConfigArn"],
      input["CodeSigningConfigArn"]);
}

TEST_F(FunctionSettingsTest, RuntimeUpdatesAndLoopDetectionAreKept) {
  const Json name = {{"FunctionName", "f"}};
  EXPECT_EQ(call("GetRuntimeManagementConfig", name).body,
            (Json{{"UpdateRuntimeOn", "Auto"}, {"FunctionArn", kArn}}));
  const std::string runtime = "arn:aws:lambda:us-east-1::runtime:0123456789";
  const Json manual = {{"FunctionName", "f"},
                       {"Qualifier", "1"},
                       {"UpdateRuntimeOn", "Manual"},
                       {"RuntimeVersionArn", runtime}};
  EXPECT_EQ(call("PutRuntimeManagementConfig", manual).body["RuntimeVersionArn"], runtime);
  EXPECT_EQ(call("GetRuntimeManagementConfig", {{"FunctionName", "f"}, {"Qualifier", "live"}})
                .body["UpdateRuntimeOn"],
            "Manual");
  EXPECT_EQ(call("GetRuntimeManagementConfig", name).body["UpdateRuntimeOn"], "Auto");
  Json without = manual;
  without.erase("RuntimeVersionArn");
  EXPECT_EQ(call("PutRuntimeManagementConfig", without).error, "InvalidParameterValueException");

  EXPECT_EQ(call("GetFunctionRecursionConfig", name).body["RecursiveLoop"], "Terminate");
  call("PutFunctionRecursionConfig", {{"FunctionName", "f"}, {"RecursiveLoop", "Allow"}});
  EXPECT_EQ(call("GetFunctionRecursionConfig", name).body["RecursiveLoop"], "Allow");
  EXPECT_EQ(
      call("PutFunctionRecursionConfig", {{"FunctionName", "f"}, {"RecursiveLoop", "InvalidValue"}})
          .message,
      "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to "
      "satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]");
}

TEST_F(FunctionSettingsTest, ConfigurationsKeepWhatNothingHereActsOn) {
  Json input = function("g", "echo");
  input["VpcConfig"] = {{"SubnetIds", {"subnet-1"}}, {"SecurityGroupIds", {"sg-1"}}};
  input["DeadLetterConfig"] = {{"TargetArn", "arn:aws:sqs:us-east-1:000000000000:q"}};
  input["FileSystemConfigs"] = {
      {{"Arn",
        "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0"},
       {"LocalMountPath", "/mnt/files"}}};
  input["EphemeralStorage"] = {{"Size", 1024}};
  input["TracingConfig"] = {{"Mode", "Active"}};
  input["KMSKeyArn"] = "arn:aws:kms:us-east-1:000000000000:key/k";
  input["Code"]["SourceKMSKeyArn"] = input["KMSKeyArn"];
  const Answer made = call("CreateFunction", input);
  ASSERT_EQ(made.error, "") << made.message;
  const Json config = call("GetFunctionConfiguration", {{"FunctionName", "g"}}).body;
  for (const char* member : {"DeadLetterConfig", "FileSystemConfigs", "EphemeralStorage",
                             "TracingConfig", "KMSKeyArn"}) {
    EXPECT_EQ(config[member], input[member]) << member;
  }
  EXPECT_EQ(config["VpcConfig"]["SubnetIds"], Json::array({"subnet-1"}));
  EXPECT_EQ(config["VpcConfig"]["Ipv6AllowedForDualStack"], false);
  EXPECT_TRUE(config["VpcConfig"]["VpcId"].get<std::string>().starts_with("vpc-"));
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "g"}}).body["Code"]["SourceKMSKeyArn"],
            input["KMSKeyArn"]);
  const Json empty =
      call("UpdateFunctionConfiguration",
           {{"FunctionName", "g"},
            {"VpcConfig", {{"SubnetIds", Json::array()}, {"SecurityGroupIds", Json::array()}}},
            {"DeadLetterConfig", {{"TargetArn", ""}}},
            {"FileSystemConfigs", Json::array()}})
          .body;
  EXPECT_EQ(empty["VpcConfig"], (Json{{"SubnetIds", Json::array()},
                                      {"SecurityGroupIds", Json::array()},
                                      {"Ipv6AllowedForDualStack", false},
                                      {"VpcId", ""}}));
  EXPECT_FALSE(empty.contains("DeadLetterConfig"));
  EXPECT_FALSE(empty.contains("FileSystemConfigs"));
}

TEST_F(FunctionSettingsTest, ImagesAreNamedByTheirDigestAndConfigured) {
  Json input = {{"FunctionName", "image"},
                {"Role", "arn:aws:iam::000000000000:role/r"},
                {"PackageType", "Image"},
                {"Code", {{"ImageUri", "localhost:5000/team/app:latest"}}},
                {"ImageConfig", {{"Command", {"-c"}}}}};
  const Json made = call("CreateFunction", input).body;
  EXPECT_EQ(made["ImageConfigResponse"]["ImageConfig"], input["ImageConfig"]);
  const std::string sha = made["CodeSha256"];
  EXPECT_EQ(sha.size(), 64u);
  const Json code = call("GetFunction", {{"FunctionName", "image"}}).body["Code"];
  EXPECT_EQ(code["RepositoryType"], "ECR");
  EXPECT_EQ(code["ResolvedImageUri"], "localhost:5000/team/app@sha256:" + sha);
  EXPECT_FALSE(call("UpdateFunctionConfiguration",
                    {{"FunctionName", "image"}, {"ImageConfig", Json::object()}})
                   .body.contains("ImageConfigResponse"));
}

TEST_F(FunctionSettingsTest, SnapStartIsForSomeRuntimesAndPublishedVersions) {
  Json input = function("s", "any");
  input["Runtime"] = "java21";
  input["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
  input["Publish"] = true;
  EXPECT_EQ(call("CreateFunction", input).body["SnapStart"]["OptimizationStatus"], "Off");
  EXPECT_EQ(call("GetFunctionConfiguration", {{"FunctionName", "s"}, {"Qualifier", "1"}})
                .body["SnapStart"]["OptimizationStatus"],
            "On");
  input["FunctionName"] = "n";
  input["Runtime"] = "nodejs20.x";
  EXPECT_EQ(call("CreateFunction", input).message,
            "nodejs20.x is not supported for SnapStart enabled functions.");
}

TEST_F(FunctionSettingsTest, TheOldOperationInvokesLater) {
  create("s", "scripted");
  const Answer asked =
      call("InvokeAsync", {{"FunctionName", "s"}, {"InvokeArgs", payload("{\"a\":1}")}});
  EXPECT_EQ(asked.error, "") << asked.message;
  wait_quiet();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].payload, "{\"a\":1}");
}

}  // namespace
}  // namespace paddock::services::lambda::testing
