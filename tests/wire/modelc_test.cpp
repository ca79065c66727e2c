// The model compiler as the build runs it.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Modelc : public testing::Test {
 protected:
  Modelc() : folder_(fs::temp_directory_path() / ("modelc-test-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    model_ = Json::parse(read_file(SAMPLE_MODEL));
  }
  ~Modelc() override { fs::remove_all(folder_); }

  // Compiles `model_` with `patches`; what it said on standard error, "" if it went well.
  std::string run(const Json& patches = Json::array()) {
    std::ofstream(folder_ / "sample.json") << model_;
    std::ofstream(folder_ / "patches.json") << patches;
    const std::string command = std::string(MODELC) + " " + (folder_ / "sample.json").string() +
                                " " + (folder_ / "patches.json").string() + " " +
                                (folder_ / "out/sample").string() + " 2> " +
                                (folder_ / "errors").string();
    const int status = std::system(command.c_str());
    const std::string errors = read_file(folder_ / "errors");
    EXPECT_EQ(WEXITSTATUS(status) == 0, errors.empty()) << errors;
    return errors;
  }

  // Braces around one document alone would copy it.
  static Json list(std::initializer_list<Json> patches) {
    Json out = Json::array();
    for (const Json& one : patches) out.push_back(one);
    return out;
  }
  static Json patch(const std::string& path, const Json& value) {
    return {{"service", "sample"}, {"path", path}, {"value", value}, {"evidence", "seen"}};
  }

  const fs::path folder_;
  Json model_;
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(Modelc, WritesTablesAndConstants) {
  EXPECT_EQ(run(), "");
  EXPECT_SAYS(read_file(folder_ / "out/sample.hpp"),
              "inline constexpr const char* Renamed = \"Renamed\";");
  EXPECT_SAYS(read_file(folder_ / "out/sample.cpp"), "const wire::ServiceModel sample");
}

TEST_F(Modelc, MakesIdentifiersOfAwkwardNames) {
  model_["shapes"]["Nothing"]["members"] = {{"a-b", {{"shape", "String"}}},
                                            {"a_b", {{"shape", "String"}}},
                                            {"default", {{"shape", "String"}}},
                                            {"7up", {{"shape", "String"}}}};
  EXPECT_EQ(run(), "");
  const std::string header = read_file(folder_ / "out/sample.hpp");
  for (const char* line : {"* a_b = \"a-b\";", "* a_b_ = \"a_b\";", "* default_ = \"default\";",
                           "* _7up = \"7up\";"}) {
    EXPECT_SAYS(header, line);
  }
}

TEST_F(Modelc, NamesUnknownKeysAndTypes) {
  const Json good = model_;
  model_["shapes"]["String"]["sparkle"] = true;
  EXPECT_SAYS(run(), "shape String: unknown key 'sparkle'");
  model_ = good;
  model_["shapes"]["String"]["type"] = "quaternion";
  EXPECT_SAYS(run(), "shape String: unknown type 'quaternion'");
  model_ = good;
  model_["shapes"]["Tree"]["members"]["Label"]["location"] = "moon";
  EXPECT_SAYS(run(), "unknown location 'moon'");
  model_ = good;
  model_["metadata"]["protocol"] = "telex";
  EXPECT_SAYS(run(), "unknown protocol 'telex'");
  model_ = good;
  model_["operations"]["DoAll"]["weather"] = 1;
  EXPECT_SAYS(run(), "operation DoAll: unknown key 'weather'");
}

TEST_F(Modelc, NamesShapesAndMembersThatAreNotThere) {
  const Json good = model_;
  model_["shapes"]["Tree"]["members"]["Label"]["shape"] = "Ghost";
  EXPECT_SAYS(run(), "Ghost");
  model_ = good;
  model_["shapes"]["Tree"]["required"] = {"Ghost"};
  EXPECT_SAYS(run(), "shape Tree: requires 'Ghost', which is no member");
  model_ = good;
  model_["operations"]["DoAll"]["output"]["shape"] = "Ghost";
  EXPECT_SAYS(run(), "Ghost");
}

TEST_F(Modelc, AppliesPatches) {
  EXPECT_EQ(
      run(list({patch("/shapes/String/max", 77), patch("/shapes/Color/enum/-", "violet"),
                patch("/operations/DoAll", nullptr), patch("/shapes/Color/enum/0", nullptr)})),
      "");
  const std::string source = read_file(folder_ / "out/sample.cpp");
  EXPECT_SAYS(source, ".max = 77");
  EXPECT_SAYS(source, "\"violet\"");
  EXPECT_EQ(source.find("\"DoAll\""), std::string::npos);
  EXPECT_EQ(source.find("\"red\""), std::string::npos);
}

TEST_F(Modelc, RefusesPatchesThatChangeNothingOrLackSomething) {
  EXPECT_SAYS(run(list({patch("/shapes/String/type", "string")})), "changes nothing");
  EXPECT_SAYS(run(list({patch("/shapes/String/max", nullptr)})), "changes nothing");
  EXPECT_SAYS(run(list({patch("/shapes/Ghost/max", 1)})), "the model has no /shapes/Ghost");
  EXPECT_SAYS(run(list({patch("shapes", 1)})), "must start with '/'");
  Json lacking = patch("/shapes/String/max", 1);
  lacking.erase("evidence");
  EXPECT_SAYS(run(list({lacking})), "needs service, path, value and evidence");
  Json unknown = patch("/shapes/String/max", 1);
  unknown["service"] = "nobody";
  EXPECT_SAYS(run(list({unknown})), "there is no model 'nobody'");
}

}  // namespace
