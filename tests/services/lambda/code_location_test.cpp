// The packages of functions and layers, fetched from where the answers say they are.
#include "core/text.hpp"
#include "support/test_emulator.hpp"
#include "support/zip_maker.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

using ::paddock::testing::CallResult;
using ::paddock::testing::make_zip;
using ::paddock::testing::TestEmulator;

class CodeLocationTest : public ::testing::Test {
 protected:
  Json call(const std::string& operation, const Json& input) {
    const CallResult result = emulator_.call("lambda", operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  void create(const std::string& zip) {
    call("CreateFunction", {{"FunctionName", "f"},
                            {"Role", "arn:aws:iam::000000000000:role/r"},
                            {"Runtime", "nodejs20.x"},
                            {"Handler", "index.handler"},
                            {"Code", {{"ZipFile", to_base64(zip)}}}});
  }
  std::string location(const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    return target_of(call("GetFunction", input)["Code"]["Location"]);
  }
  std::string target_of(const std::string& url) {
    EXPECT_TRUE(url.starts_with(emulator_.url() + "/")) << url;
    return url.substr(emulator_.url().size());
  }

  TestEmulator emulator_{TestEmulator::in_memory_options(), kFunctions};
};

TEST_F(CodeLocationTest, TheFunctionsPackageIsThere) {
  // Larger than what is stored in a row, and than one piece.
  const std::string one = make_zip({{"index.js", "1"}, {"large", std::string(400'000, 'x')}});
  create(one);
  call("PublishVersion", {{"FunctionName", "f"}});
  const std::string two = make_zip({{"index.js", "2"}});
  call("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", to_base64(two)}});
  const CallResult latest = emulator_.get(location());
  EXPECT_EQ(latest.status, 200);
  EXPECT_EQ(latest.text, two);
  EXPECT_EQ(latest.headers.get("content-type"), "application/zip");
  EXPECT_TRUE(emulator_.get(location({{"Qualifier", "1"}})).text == one);
}

TEST_F(CodeLocationTest, ALayersContentIsThere) {
  const std::string zip = make_zip({{"a", "b"}});
  const Json made =
      call("PublishLayerVersion", {{"LayerName", "l"}, {"Content", {{"ZipFile", to_base64(zip)}}}});
  EXPECT_EQ(emulator_.get(target_of(made["Content"]["Location"])).text, zip);
  const Json read = call("GetLayerVersion", {{"LayerName", "l"}, {"VersionNumber", 1}});
  EXPECT_EQ(emulator_.get(target_of(read["Content"]["Location"])).text, zip);
}

TEST_F(CodeLocationTest, AUrlIsForOnePackageAndForTenMinutes) {
  create(make_zip({{"index.js", "1"}}));
  const std::string target = location();
  std::string other = target;
  other.replace(other.find("/f/"), 3, "/g/");
  EXPECT_EQ(emulator_.get(other).status, 403);
  std::string later = target;
  later.insert(later.find("Expires=") + 8, "9");
  EXPECT_EQ(emulator_.get(later).status, 403);
  EXPECT_EQ(emulator_.request("PUT", target, {}).status, 405);
  EXPECT_EQ(emulator_.get("/_lambda/x").status, 403);
  emulator_.advance(std::chrono::minutes(11));
  const CallResult expired = emulator_.get(target);
  EXPECT_EQ(expired.status, 403);
  EXPECT_NE(expired.text.find("Request has expired"), std::string::npos) << expired.text;
  const std::string fresh = location();
  call("DeleteFunction", {{"FunctionName", "f"}});
  EXPECT_EQ(emulator_.get(fresh).status, 404);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
