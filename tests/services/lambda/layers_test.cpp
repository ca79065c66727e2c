// Layers: published, listed, shared by policy, and what functions find of them.
#include "core/digest.hpp"
#include "tests/services/lambda/user_code_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class LayersTest : public UserCodeTest {
 protected:
  static constexpr const char* kArn = "arn:aws:lambda:us-east-1:000000000000:layer:";

  using Entries = std::vector<::paddock::testing::ZipEntry>;

  Answer publish(const std::string& name, const Entries& entries,
                 const Json& more = Json::object()) {
    Json input = {{"LayerName", name}, {"Content", {{"ZipFile", package(entries)}}}};
    input.update(more);
    return call("PublishLayerVersion", input);
  }
  static std::string arn(const std::string& name, int version) {
    return kArn + name + ":" + std::to_string(version);
  }
  Answer version(const std::string& operation, const std::string& name, int number,
                 const Json& more = Json::object()) {
    Json input = {{"LayerName", name}, {"VersionNumber", number}};
    input.update(more);
    return call(operation, input);
  }
  Answer configure(const Json& layers) {
    return call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Layers", layers}});
  }
};

TEST_F(LayersTest, AVersionIsPublishedReadAndListed) {
  const Answer made = publish("common", {{"a.txt", "a"}},
                              {{"Description", "d"},
                               {"LicenseInfo", "MIT"},
                               {"CompatibleRuntimes", {"python3.12"}},
                               {"CompatibleArchitectures", {"x86_64"}}});
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["LayerArn"], kArn + std::string("common"));
  EXPECT_EQ(made.body["LayerVersionArn"], arn("common", 1));
  EXPECT_EQ(made.body["Version"], 1);
  EXPECT_EQ(made.body["LicenseInfo"], "MIT");
  const Json zip = package({{"a.txt", "a"}});
  const std::string bytes(zip.get_binary().begin(), zip.get_binary().end());
  EXPECT_EQ(made.body["Content"]["CodeSha256"], to_base64(sha256(bytes)));
  EXPECT_EQ(made.body["Content"]["CodeSize"], bytes.size());
  EXPECT_EQ(version("GetLayerVersion", "common", 1).body, made.body);
  EXPECT_EQ(version("GetLayerVersion", kArn + std::string("common"), 1).body, made.body);
  EXPECT_EQ(call("GetLayerVersionByArn", {{"Arn", arn("common", 1)}}).body, made.body);

  const Json second = publish("common", {{"b.txt", "b"}}).body;
  EXPECT_EQ(second["Version"], 2);
  EXPECT_EQ(second["Description"], "");
  EXPECT_FALSE(second.contains("CompatibleRuntimes"));
  const Json page = call("ListLayerVersions", {{"LayerName", "common"}, {"MaxItems", 1}}).body;
  ASSERT_EQ(page["LayerVersions"].size(), 1u);
  EXPECT_EQ(page["LayerVersions"][0]["Version"], 2);
  EXPECT_FALSE(page["LayerVersions"][0].contains("Content"));
  const Json rest =
      call("ListLayerVersions", {{"LayerName", "common"}, {"Marker", page["NextMarker"]}}).body;
  ASSERT_EQ(rest["LayerVersions"].size(), 1u);
  EXPECT_EQ(rest["LayerVersions"][0]["Version"], 1);
  EXPECT_FALSE(rest.contains("NextMarker"));
  EXPECT_EQ(call("ListLayerVersions", {{"LayerName", "none"}}).body["LayerVersions"].size(), 0u);
}

TEST_F(LayersTest, ListsShowTheNewestVersionThatFits) {
  publish("a", {{"x", "1"}}, {{"CompatibleRuntimes", {"python3.12"}}});
  publish("a", {{"x", "2"}}, {{"CompatibleRuntimes", {"nodejs20.x"}}});
  publish("b", {{"x", "3"}}, {{"CompatibleArchitectures", {"arm64"}}});
  const auto listed = [this](const Json& input) {
    std::string found;
    const Json body = call("ListLayers", input).body;
    for (const Json& layer : body["Layers"]) {
      found += layer["LayerName"].get<std::string>() + ":" +
               layer["LatestMatchingVersion"]["Version"].dump() + " ";
    }
    return found;
  };
  EXPECT_EQ(listed(Json::object()), "a:2 b:1 ");
  EXPECT_EQ(listed({{"CompatibleRuntime", "python3.12"}}), "a:1 ");
  EXPECT_EQ(listed({{"CompatibleArchitecture", "arm64"}}), "b:1 ");
}

TEST_F(LayersTest, VersionsThatAreNotThereAndNumbersThatCannotBe) {
  publish("a", {{"x", "1"}});
  EXPECT_EQ(version("GetLayerVersion", "a", 2).message,
            "The resource you requested does not exist.");
  EXPECT_EQ(version("GetLayerVersion", "a", 0).message, "Layer Version Cannot be less than 1");
  EXPECT_EQ(version("DeleteLayerVersion", "a", -1).message, "Layer Version Cannot be less than 1");
  EXPECT_EQ(call("GetLayerVersionByArn", {{"Arn", arn("a", 2)}}).status, 404);
  EXPECT_EQ(version("DeleteLayerVersion", "none", 1).error, "");
  EXPECT_EQ(version("DeleteLayerVersion", "a", 1).error, "");
  EXPECT_EQ(version("GetLayerVersion", "a", 1).status, 404);
  EXPECT_EQ(publish("a", {{"x", "1"}}).body["Version"], 2);
  EXPECT_EQ(publish("bad", {{"../x", "1"}}).message,
            "Could not unzip uploaded file. Please check your file, then try to upload again.");
  EXPECT_EQ(publish("bad", {{"x", "1"}},
                    {{"CompatibleRuntimes", {"invalidruntime"}},
                     {"CompatibleArchitectures", {"invalidarch"}}})
                .message,
            "2 validation errors detected: Value '[invalidruntime]' at 'compatibleRuntimes' failed "
            "to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, "
            "provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
            "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, "
            "nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]; "
            "Value '[invalidarch]' at 'compatibleArchitectures' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
            "Member must not be null]");
}

TEST_F(LayersTest, AFunctionNamesUpToFiveVersionsOfDifferentLayers) {
  for (const char* name : {"a", "b", "c", "d", "e", "g"}) publish(name, {{"x", name}});
  publish("a", {{"x", "2"}});
  create("f", "echo");
  const Answer set = configure({arn("b", 1), arn("a", 1)});
  ASSERT_EQ(set.error, "") << set.message;
  EXPECT_EQ(set.body["Layers"][0]["Arn"], arn("b", 1));
  EXPECT_EQ(set.body["Layers"][1]["Arn"], arn("a", 1));
  EXPECT_GT(set.body["Layers"][0]["CodeSize"], 0);
  EXPECT_EQ(configure({arn("a", 1), arn("a", 2)}).message,
            "Two different versions of the same layer are not allowed to be referenced in the same "
            "function. " +
                arn("a", 1) + " and " + arn("a", 2) + " are versions of the same layer.");
  EXPECT_EQ(configure({arn("none", 1)}).message,
            "Layer version " + arn("none", 1) + " does not exist.");
  EXPECT_EQ(configure({"arn:aws:lambda:eu-west-1:000000000000:layer:a:1"}).message,
            "Layers are not in the same region as the function. Layers are expected to be in "
            "region us-east-1.");
  EXPECT_EQ(configure({"arn:aws:lambda:us-east-1:580247275435:layer:a:1"}).error,
            "AccessDeniedException");
  EXPECT_EQ(configure({kArn + std::string("a")}).error, "ValidationException");
  Json six = Json::array();
  for (const char* name : {"a", "b", "c", "d", "e", "g"}) six.push_back(arn(name, 1));
  EXPECT_EQ(configure(six).message, "Cannot reference more than 5 layers.");
  EXPECT_EQ(call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body["Layers"].size(), 2u);
  EXPECT_FALSE(configure(Json::array()).body.contains("Layers"));
}

TEST_F(LayersTest, PythonFindsPackagesOfItsLayersAndLaterOnesWin) {
  publish("one", {{"python/greeting.py", "WORD = 'one'\n"},
                  {"python/lib/python3.11/site-packages/deep.py", "WORD = 'deep'\n"}});
  publish("two", {{"python/greeting.py", "WORD = 'two'\n"},
                  {"bin/tool", "#!/bin/sh\necho tool\n", 0100755}});
  const std::string source =
      "import os, greeting, deep\n"
      "def handler(event, context):\n"
      "  bins = [p for p in os.environ['PATH'].split(':') if p.endswith('/bin')]\n"
      "  return [greeting.WORD, deep.WORD, os.path.exists(bins[-1] + '/tool')]\n";
  python(source, {{"Layers", {arn("one", 1), arn("two", 1)}}});
  EXPECT_EQ(run().body, (Json{"two", "deep", true}));
  configure({arn("two", 1), arn("one", 1)});
  EXPECT_EQ(run().body[0], "one");
}

TEST_F(LayersTest, NodeFindsModulesOfItsLayers) {
  publish("lib", {{"nodejs/node_modules/plain/index.js", "module.exports = 'plain'"},
                  {"nodejs/node20/node_modules/versioned/index.js", "module.exports = '20'"}});
  node("exports.handler = async () => [require('plain'), require('versioned')]",
       {{"Layers", {arn("lib", 1)}}});
  EXPECT_EQ(run().body, (Json{"plain", "20"}));
}

TEST_F(LayersTest, ADeletedVersionStaysWithTheFunctionsThatHaveIt) {
  publish("one", {{"python/greeting.py", "WORD = 'one'\n"}});
  python("import greeting\ndef handler(e, c):\n  return greeting.WORD\n",
         {{"Layers", {arn("one", 1)}}});
  call("PublishVersion", {{"FunctionName", "f"}});
  version("DeleteLayerVersion", "one", 1);
  EXPECT_EQ(call("ListLayers", Json::object()).body["Layers"].size(), 0u);
  EXPECT_EQ(configure({arn("one", 1)}).message,
            "Layer version " + arn("one", 1) + " does not exist.");
  EXPECT_EQ(run().body, "one");
  configure(Json::array());
  EXPECT_TRUE(run().failed);
  EXPECT_EQ(run("{}", "f:1").body, "one");
  call("DeleteFunction", {{"FunctionName", "f"}});
  EXPECT_EQ(publish("one", {{"x", "y"}}).body["Version"], 2);
}

TEST_F(LayersTest, ABootstrapInALayerIsARuntime) {
  // Answers whatever it is asked with the code folder's file.
  const std::string bootstrap =
      "#!/usr/bin/env python3\n"
      "import http.client, os\n"
      "while True:\n"
      "  api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
      "  api.request('GET', '/2018-06-01/runtime/invocation/next')\n"
      "  event = api.getresponse()\n"
      "  event.read()\n"
      "  answer = open(os.environ['LAMBDA_TASK_ROOT'] + '/answer').read()\n"
      "  name = event.headers['Lambda-Runtime-Aws-Request-Id']\n"
      "  api.request('POST', f'/2018-06-01/runtime/invocation/{name}/response', answer)\n"
      "  api.getresponse().read()\n";
  publish("runtime", {{"bootstrap", bootstrap, 0100755}});
  Json input = input_of("f", "provided.al2023", "any", {{"answer", "\"mine\""}});
  EXPECT_EQ(call("CreateFunction", input).error, "InvalidParameterValueException");
  input["Layers"] = {arn("runtime", 1)};
  ASSERT_EQ(call("CreateFunction", input).message, "");
  EXPECT_EQ(run().body, "mine");
}

TEST_F(LayersTest, AVersionHasAPolicy) {
  publish("a", {{"x", "1"}});
  const Json input = {
      {"StatementId", "s1"}, {"Action", "lambda:GetLayerVersion"}, {"Principal", "*"}};
  EXPECT_EQ(version("GetLayerVersionPolicy", "a", 1).message,
            "No policy is associated with the given resource.");
  const Json added = version("AddLayerVersionPermission", "a", 1, input).body;
  const Json statement = Json::parse(added["Statement"].get<std::string>());
  EXPECT_EQ(statement["Resource"], arn("a", 1));
  EXPECT_EQ(statement["Principal"], "*");
  const Json policy = version("GetLayerVersionPolicy", "a", 1).body;
  EXPECT_EQ(policy["RevisionId"], added["RevisionId"]);
  EXPECT_EQ(version("AddLayerVersionPermission", "a", 1, input).error, "ResourceConflictException");
  Json other = input;
  other["StatementId"] = "s2";
  other["RevisionId"] = "wrong";
  EXPECT_EQ(version("AddLayerVersionPermission", "a", 1, other).message,
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetLayerPolicy API to retrieve the latest Revision Id");
  EXPECT_EQ(version("AddLayerVersionPermission", "a", 2, input).message,
            "Layer version " + arn("a", 2) + " does not exist.");
  EXPECT_EQ(version("RemoveLayerVersionPermission", "a", 1, {{"StatementId", "none"}}).message,
            "Statement none is not found in resource policy.");
  EXPECT_EQ(version("RemoveLayerVersionPermission", "a", 1, {{"StatementId", "s1"}}).error, "");
  EXPECT_EQ(version("GetLayerVersionPolicy", "a", 1).status, 404);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
