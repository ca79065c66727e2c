#include "wire/rest_router.hpp"

#include <gtest/gtest.h>

#include "calls.hpp"
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "models/lambda.hpp"

namespace paddock::wire {
namespace {

// "GetPart id=1 part=2"; "none".
std::string route(const RestRouter& router, std::string_view method, std::string_view path,
                  std::string_view query = "") {
  const auto match = router.match(method, path, query);
  if (!match) return "none";
  std::string out(match->operation->name);
  for (const auto& [name, value] : match->labels) out += " " + name + "=" + value;
  return out;
}

TEST(RestRouter, MatchesLiteralsLabelsAndMethods) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "GET", "/things"), "ListThings");
  EXPECT_EQ(route(router, "GET", "/things/"), "ListThings");
  EXPECT_EQ(route(router, "GET", "/things/7"), "GetThing thing_id=7");
  EXPECT_EQ(route(router, "GET", "/things/7/parts/8"), "GetPart id=7 part=8");
  EXPECT_EQ(route(router, "PUT", "/things"), "none");
  EXPECT_EQ(route(router, "GET", "/things/7/parts"), "none");
  EXPECT_EQ(route(router, "GET", "/"), "none");
  EXPECT_EQ(route(router, "GET", ""), "none");
  EXPECT_EQ(route(router, "get", "/things"), "none");
}

TEST(RestRouter, PrefersLiteralsAndComesBackFromThem) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "GET", "/things/default"), "GetDefault");
  EXPECT_EQ(route(router, "GET", "/things/default/parts/1"), "GetPart id=default part=1");
}

TEST(RestRouter, TellsOperationsApartByQueryLiterals) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "POST", "/things", "mode=import"), "ImportThings");
  EXPECT_EQ(route(router, "POST", "/things", "x=1&mode=import"), "ImportThings");
  EXPECT_EQ(route(router, "POST", "/things", "mode=other"), "CreateThing");
  EXPECT_EQ(route(router, "POST", "/things"), "CreateThing");
  EXPECT_EQ(route(router, "POST", "/things", "mode=%"), "CreateThing");
}

TEST(RestRouter, DecodesLabels) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "GET", "/things/a%2Fb+c%C3%A9"), "GetThing thing_id=a/b+cé");
  EXPECT_EQ(route(router, "GET", "/things/%ff"), "none");
}

TEST(RestRouter, NeverFillsALabelWithNothing) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "GET", "/things//parts/8"), "none");
  EXPECT_EQ(route(router, "GET", "/files/"), "none");
}

TEST(RestRouter, GivesGreedyLabelsTheRest) {
  const RestRouter router(models::sample);
  EXPECT_EQ(route(router, "GET", "/files/a"), "GetFile path=a");
  EXPECT_EQ(route(router, "GET", "/files/a/b%20c/d"), "GetFile path=a/b c/d");
  EXPECT_EQ(route(router, "GET", "/files/a//b"), "GetFile path=a//b");
  EXPECT_EQ(route(router, "GET", "/files/a/"), "GetFile path=a/");
  EXPECT_EQ(route(router, "GET", "/files/a/b", "acl"), "GetAcl path=a/b");
  EXPECT_EQ(route(router, "GET", "/files/a/b", "acl=1"), "GetFile path=a/b");
}

TEST(RestRouter, RoutesTheRealModels) {
  const RestRouter lambda(models::lambda);
  EXPECT_EQ(route(lambda, "POST", "/2015-03-31/functions/f/invocations"), "Invoke FunctionName=f");
  EXPECT_EQ(route(lambda, "POST", "/2015-03-31/event-source-mappings/"),
            "CreateEventSourceMapping");
  EXPECT_EQ(
      route(lambda, "GET",
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af"),
      "GetFunction FunctionName=arn:aws:lambda:us-east-1:000000000000:function:f");
  const RestRouter gateway(models::apigateway);
  EXPECT_EQ(route(gateway, "PUT", "/restapis/a/resources/b/methods/GET/integration"),
            "PutIntegration http_method=GET resource_id=b restapi_id=a");
  EXPECT_EQ(route(gateway, "POST", "/restapis"), "CreateRestApi");
  EXPECT_EQ(route(gateway, "POST", "/restapis", "mode=import"), "ImportRestApi");
}

TEST(RestRouter, FindsEveryOperationByItsOwnUri) {
  for (const ServiceModel* service : {&models::lambda, &models::apigateway}) {
    const RestRouter router(*service);
    for (const OperationModel& operation : service->operations) {
      std::string uri(operation.uri);
      for (char& c : uri) {
        if (c == '{' || c == '}' || c == '+') c = 'x';
      }
      const size_t question = uri.find('?');
      const std::string query = question == std::string::npos ? "" : uri.substr(question + 1);
      const auto match = router.match(operation.method, uri.substr(0, question), query);
      ASSERT_TRUE(match) << operation.name;
      EXPECT_EQ(match->operation->name, operation.name);
    }
  }
}

TEST(RestRouter, SurvivesHostilePaths) {
  const RestRouter router(models::apigateway);
  EXPECT_EQ(route(router, "GET", std::string(60'000, '/')), "none");
  std::string path;
  for (int i = 0; i < 20'000; i++) path += "/a";
  EXPECT_EQ(route(router, "GET", path), "none");
}

}  // namespace
}  // namespace paddock::wire
