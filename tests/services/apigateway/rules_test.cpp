// Addresses, paths, routes, pages and patches: the rules that need no store.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {
namespace {

std::string rule_text(const std::optional<Address>& address) {
  return address ? address->api + " " + address->stage + " " + address->path : "none";
}

TEST(Addresses, AreReadFromTheHostAndFromBothPaths) {
  EXPECT_EQ(rule_text(address_of("abc.execute-api.localhost", "/Prod/tag/home")),
            "abc Prod /tag/home");
  EXPECT_EQ(rule_text(address_of("abc.execute-api.us-east-1.amazonaws.com", "/Prod")),
            "abc Prod /");
  EXPECT_EQ(rule_text(address_of("localhost", "/restapis/abc/Prod/_user_request_/tag/home")),
            "abc Prod /tag/home");
  EXPECT_EQ(rule_text(address_of("localhost", "/restapis/abc/Prod/_user_request_")), "abc Prod /");
  EXPECT_EQ(rule_text(address_of("localhost", "/_aws/execute-api/abc/Prod/tag/home/")),
            "abc Prod /tag/home/");
}

TEST(Addresses, LeaveTheServicesOwnApiAlone) {
  for (const char* path : {"/restapis", "/restapis/abc", "/restapis/abc/stages/Prod",
                           "/restapis/abc/resources/r/methods/GET", "/", "/tag/home"}) {
    EXPECT_EQ(rule_text(address_of("localhost", path)), "none") << path;
  }
  EXPECT_EQ(rule_text(address_of(".execute-api.localhost", "/Prod")), "none");
  EXPECT_EQ(rule_text(address_of("a.b.execute-api.localhost", "/Prod")), "none");
}

std::string rule_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const AwsError& error) {
    return error.message();
  }
  return "";
}

TEST(PathParts, AreNamesOrVariablesWithinTheLimit) {
  for (const char* part : {"tag", "a-b_c.d:e", "{tag}", "{proxy+}", "~$@,"}) {
    EXPECT_EQ(rule_error([&] { check_path_part(part); }), "") << part;
  }
  for (const char* part : {"", "{}", "{+}", "a/b", "a b", "{a", "a}", "a{b}"}) {
    EXPECT_NE(rule_error([&] { check_path_part(part); }), "") << part;
  }
  EXPECT_EQ(rule_error([] { check_path_part(std::string(kMaxPathPart, 'a')); }), "");
  EXPECT_NE(rule_error([] { check_path_part(std::string(kMaxPathPart + 1, 'a')); }), "");
}

Json rule_resources(const std::vector<std::string>& paths) {
  Json resources = Json::object();
  for (const std::string& path : paths) resources[path] = {{"id", path}, {"path", path}};
  return resources;
}

// "resource name=value …" of the match; "none".
std::string rule_match(const RouteTree& routes, std::string_view path) {
  auto match = routes.match(path);
  if (!match) return "none";
  std::string text = (*match->resource)["path"];
  for (const auto& [name, value] : match->parameters) text += " " + name + "=" + value;
  return text;
}

TEST(Routes, ALiteralBeatsAVariableBeatsAGreedyOne) {
  RouteTree routes(
      rule_resources({"/", "/{proxy+}", "/tag", "/tag/{tag}", "/tag/home", "/tag/{tag}/more"}));
  EXPECT_EQ(rule_match(routes, "/"), "/");
  EXPECT_EQ(rule_match(routes, "/tag"), "/tag");
  EXPECT_EQ(rule_match(routes, "/tag/home"), "/tag/home");
  EXPECT_EQ(rule_match(routes, "/tag/house"), "/tag/{tag} tag=house");
  EXPECT_EQ(rule_match(routes, "/tag/home/more"), "/tag/{tag}/more tag=home");
  EXPECT_EQ(rule_match(routes, "/tag/home/else"), "/{proxy+} proxy=tag/home/else");
  EXPECT_EQ(rule_match(routes, "/other"), "/{proxy+} proxy=other");
}

TEST(Routes, WithoutAMatchThereIsNone) {
  RouteTree routes(rule_resources({"/", "/tag/{tag}"}));
  for (const char* path : {"/tag", "/tag/a/b", "/TAG/a", "/other"}) {
    EXPECT_EQ(rule_match(routes, path), "none") << path;
  }
  EXPECT_EQ(rule_match(RouteTree(rule_resources({"/{proxy+}"})), "/"), "none");
}

TEST(Routes, ParametersAreAsTheClientSentThem) {
  RouteTree routes(rule_resources({"/a/{name}", "/b/{rest+}", "/sp ace"}));
  EXPECT_EQ(rule_match(routes, "/a/x%2Fy"), "/a/{name} name=x%2Fy");
  EXPECT_EQ(rule_match(routes, "/b/x%2By/z+1/"), "/b/{rest+} rest=x%2By/z+1");
  EXPECT_EQ(rule_match(routes, "/sp%20ace"), "/sp ace");
}

TEST(Methods, AnyIsForTheRest) {
  const Json resource = {{"resourceMethods", {{"GET", {{"n", 1}}}, {"ANY", {{"n", 2}}}}}};
  EXPECT_EQ((*method_of(resource, "GET"))["n"], 1);
  EXPECT_EQ((*method_of(resource, "DELETE"))["n"], 2);
  EXPECT_EQ(method_of({{"resourceMethods", {{"GET", 1}}}}, "PUT"), nullptr);
  EXPECT_EQ(method_of(Json::object(), "GET"), nullptr);
}

TEST(Paths, FollowTheirParents) {
  Json resources = {{"r", {{"id", "r"}, {"path", "/"}}},
                    {"a", {{"id", "a"}, {"parentId", "r"}, {"pathPart", "a"}}},
                    {"b", {{"id", "b"}, {"parentId", "a"}, {"pathPart", "{b}"}}}};
  update_paths(resources, "a");
  EXPECT_EQ(resources["a"]["path"], "/a");
  EXPECT_EQ(resources["b"]["path"], "/a/{b}");
  EXPECT_EQ(subtree(resources, "a"), (std::vector<std::string>{"a", "b"}));
}

TEST(Uris, NameTheFunction) {
  EXPECT_EQ(function_of_uri("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
                            "arn:aws:lambda:us-east-1:1:function:f/invocations"),
            "arn:aws:lambda:us-east-1:1:function:f");
  for (const char* uri : {"", "http://example.com", "arn:aws:apigateway:us-east-1:s3:path/b/k",
                          "arn:aws:apigateway:r:lambda:path/2015-03-31/functions//invocations"}) {
    EXPECT_EQ(function_of_uri(uri), std::nullopt) << uri;
  }
}

TEST(StageVariables, ReplaceTheirNames) {
  const Json variables = {{"fn", "hello"}, {"alias", "v1"}};
  EXPECT_EQ(with_stage_variables("a:${stageVariables.fn}:${stageVariables.alias}/x", variables),
            "a:hello:v1/x");
  EXPECT_EQ(with_stage_variables("[${stageVariables.none}]", variables), "[]");
  EXPECT_EQ(with_stage_variables("[${stageVariables.fn}]", Json()), "[]");
  EXPECT_EQ(with_stage_variables("${stageVariables.fn", variables), "${stageVariables.fn");
}

TEST(Pages, EndAtTheLimitAndGoOnAtThePosition) {
  Json items = Json::array();
  for (int i = 0; i < 27; ++i) items.push_back(i);
  Json first = page_of(items, Json::object());
  EXPECT_EQ(first["items"].size(), kDefaultPage);
  EXPECT_EQ(first["position"], "25");
  Json second = page_of(items, {{"position", "25"}});
  EXPECT_EQ(second["items"], Json::array({25, 26}));
  EXPECT_FALSE(second.contains("position"));
  EXPECT_FALSE(page_of(items, {{"limit", 27}}).contains("position"));
  EXPECT_EQ(page_of(items, {{"limit", 26}})["position"], "26");
  Json beyond = page_of(items, {{"position", "18446744073709551615"}});
  EXPECT_TRUE(beyond["items"].empty());
  EXPECT_FALSE(beyond.contains("position"));
}

TEST(Pages, BadPositionsAndLimitsAreRefused) {
  EXPECT_THROW(page_of(Json::array(), {{"position", "x"}}), AwsError);
  EXPECT_THROW(page_of(Json::array(), {{"position", "-1"}}), AwsError);
  EXPECT_THROW(page_of(Json::array(), {{"limit", 0}}), AwsError);
}

Json rule_patch(const char* op, const char* path, const char* value) {
  return Json::array({{{"op", op}, {"path", path}, {"value", value}}});
}

TEST(Patches, SetMembersListsAndValuesOfTheirKind) {
  using Kind = PatchRule::Kind;
  const std::map<std::string, PatchRule> rules{
      {"name", {Kind::text, nullptr}},       {"size", {Kind::number, nullptr}},
      {"on", {Kind::boolean, nullptr}},      {"vars", {Kind::member, nullptr}},
      {"flags", {Kind::flag, nullptr}},      {"types", {Kind::list, nullptr}},
      {"fixed", {Kind::text, nullptr, true}}};
  Json document = Json::object();
  const auto apply = [&](const char* op, const char* path, const char* value) {
    return rule_error([&] { apply_patches(document, rule_patch(op, path, value), rules); });
  };
  EXPECT_EQ(apply("replace", "/name", "n"), "");
  EXPECT_EQ(apply("replace", "/size", "12"), "");
  EXPECT_EQ(apply("replace", "/on", "true"), "");
  EXPECT_EQ(apply("add", "/vars/a~1b~0c", "v"), "");
  EXPECT_EQ(apply("replace", "/flags/f", "true"), "");
  EXPECT_EQ(apply("add", "/types/image~1png", ""), "");
  EXPECT_EQ(document, (Json{{"name", "n"},
                            {"size", 12},
                            {"on", true},
                            {"vars", {{"a/b~c", "v"}}},
                            {"flags", {{"f", true}}},
                            {"types", {"image/png"}}}));
  EXPECT_EQ(apply("replace", "/types/image~1png", "image/gif"), "");
  EXPECT_EQ(document["types"], Json::array({"image/gif"}));
  EXPECT_EQ(apply("remove", "/vars/a~1b~0c", ""), "");
  EXPECT_FALSE(document.contains("vars"));
  EXPECT_EQ(apply("replace", "/size", ""), "");
  EXPECT_FALSE(document.contains("size"));
  EXPECT_EQ(apply("remove", "/name", ""), "");
  EXPECT_FALSE(document.contains("name"));
}

TEST(Patches, OthersAreRefusedByName) {
  const std::map<std::string, PatchRule> rules{{"vars", {PatchRule::Kind::member, nullptr}},
                                               {"fixed", {PatchRule::Kind::text, nullptr, true}}};
  Json document = Json::object();
  const auto apply = [&](const char* op, const char* path) {
    return rule_error([&] { apply_patches(document, rule_patch(op, path, "v"), rules); });
  };
  EXPECT_EQ(apply("replace", "/wrongPath"), "Invalid patch path /wrongPath");
  EXPECT_EQ(apply("replace", "/vars"), "Invalid patch path /vars");
  EXPECT_EQ(apply("replace", "/vars/a/b"), "Invalid patch path /vars/a/b");
  EXPECT_EQ(apply("replace", "vars"), "Invalid patch path vars");
  EXPECT_EQ(apply("add", "/fixed"), "Invalid patch operation specified. Must be one of: [replace]");
  EXPECT_EQ(apply("copy", "/vars/a"),
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'");
  EXPECT_EQ(document, Json::object());
}

}  // namespace
}  // namespace paddock::services::apigateway
