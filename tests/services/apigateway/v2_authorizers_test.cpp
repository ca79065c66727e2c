// Authorizers of HTTP APIs: functions and tokens.
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "core/clock.hpp"
#include "core/rsa.hpp"
#include "services/apigateway/http_api_jwt.hpp"
#include "tests/services/apigateway/v2_fixture.hpp"

namespace paddock::services::apigateway::testing {
namespace {

// "abc" in the alphabet of tokens.
std::string base64_url(std::string_view bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

// A key pair of its own for each run of the tests.
class Signer {
 public:
  Signer() : key_(EVP_RSA_gen(2048), &EVP_PKEY_free) {}

  std::string token(const Json& claims, const Json& header = {{"alg", "RS256"}, {"kid", "k1"}}) {
    std::string text = base64_url(header.dump()) + "." + base64_url(claims.dump());
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
    std::string signature(256, '\0');
    size_t size = signature.size();
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    signature.resize(size);
    return text + "." + base64_url(signature);
  }
  Json keys() {
    return {{"keys", {{{"kty", "RSA"}, {"kid", "k1"}, {"n", number("n")}, {"e", number("e")}}}}};
  }

 private:
  std::string number(const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string bytes(static_cast<size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return base64_url(bytes);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

class V2AuthorizersTest : public V2Test {
 protected:
  void create_guarded_api(const std::string& authorizer, const Json& more) {
    create_function("show-event");
    if (!authorizer.empty()) create_function(authorizer);
    create_api();
    Json input = of_api({{"Name", "a"}, {"IdentitySource", {"$request.header.Authorization"}}});
    if (!authorizer.empty()) {
      input["AuthorizerType"] = "REQUEST";
      input["AuthorizerUri"] = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" +
                               arn_of(authorizer) + "/invocations";
    }
    input.update(more);
    authorizer_ = made("CreateAuthorizer", input).value("authorizerId", "");
    add_route("GET /a", add_function_integration("show-event"),
              {{"AuthorizationType", authorizer.empty() ? "JWT" : "CUSTOM"},
               {"AuthorizerId", authorizer_}});
    add_stage();
  }
  CallResult with(const std::string& authorization, const std::string& path = "/a") {
    return send("GET", path, headers_of({{"Authorization", authorization}}));
  }

  std::string authorizer_;
};

TEST_F(V2AuthorizersTest, ASimpleAnswerDecidesAndIsCached) {
  create_guarded_api("simple-authorizer",
                     {{"AuthorizerPayloadFormatVersion", "2.0"}, {"EnableSimpleResponses", true}});
  emulator_->platform().world.freeze();
  questions() = 0;
  CallResult missing = send("GET", "/a");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.text, R"({"message":"Unauthorized"})");
  EXPECT_EQ(questions(), 0);
  CallResult bad = with("Bearer bad");
  EXPECT_EQ(bad.status, 403);
  EXPECT_EQ(bad.text, R"({"message":"Forbidden"})");
  CallResult good = with("Bearer good");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.body["requestContext"]["authorizer"],
            (Json{{"lambda", {{"who", "me"}, {"level", 3}}}}));
  EXPECT_EQ(questions(), 2);
  with("Bearer good");
  with("Bearer bad");
  EXPECT_EQ(questions(), 2);
  emulator_->advance(std::chrono::seconds(300));
  with("Bearer good");
  EXPECT_EQ(questions(), 3);
  made("ResetAuthorizersCache", of_api({{"StageName", "$default"}}));
  with("Bearer good");
  EXPECT_EQ(questions(), 4);
}

TEST_F(V2AuthorizersTest, APolicyDecides) {
  for (const char* version : {"1.0", "2.0"}) {
    SetUp();
    create_guarded_api("policy-authorizer", {{"AuthorizerPayloadFormatVersion", version},
                                             {"AuthorizerResultTtlInSeconds", 0}});
    EXPECT_EQ(with("Bearer bad").status, 403);
    CallResult good = with("Bearer good");
    EXPECT_EQ(good.status, 200) << good.text;
    EXPECT_EQ(good.body["requestContext"]["authorizer"]["lambda"]["who"], "policy");
  }
}

TEST_F(V2AuthorizersTest, AnAuthorizerThatFailsIsAnInternalError) {
  create_guarded_api("failing", {{"AuthorizerPayloadFormatVersion", "2.0"}});
  EXPECT_EQ(with("x").status, 500);
}

// The issuer is an HTTP API of its own.
class V2TokensTest : public V2AuthorizersTest {
 protected:
  // An API that asks for tokens of an issuer with the signer's keys.
  void create_api_for_tokens(const Json& route = Json::object()) {
    create_function("issuer");
    create_api();
    add_route("$default", add_function_integration("issuer"));
    add_stage();
    issuer_ = emulator_->url() + "/_aws/execute-api/" + api_;
    published() = {{"/.well-known/openid-configuration", {{"jwks_uri", issuer_ + "/keys"}}},
                   {"/keys", signer_.keys()}};
    create_guarded_api("", {{"AuthorizerType", "JWT"},
                            {"JwtConfiguration", {{"issuer", issuer_}, {"audience", {"app"}}}}});
    if (route.empty()) return;
    Json input = of_api(route);
    input["RouteId"] = made("GetRoutes", of_api())["items"][0]["routeId"];
    made("UpdateRoute", input);
  }
  Json claims(const Json& more = Json::object()) {
    const int64_t now_s = emulator_->platform().world.now().ms / 1000;
    Json all = {{"iss", issuer_}, {"aud", "app"}, {"sub", "me"}, {"exp", now_s + 60}};
    all.update(more);
    return all;
  }

  Signer signer_;
  std::string issuer_;
};

TEST_F(V2TokensTest, ATokenOfTheIssuerPasses) {
  create_api_for_tokens();
  CallResult good = with("Bearer " + signer_.token(claims()));
  ASSERT_EQ(good.status, 200) << good.text << good.headers.get("www-authenticate");
  Json jwt = good.body["requestContext"]["authorizer"]["jwt"];
  EXPECT_EQ(jwt["claims"]["sub"], "me");
  EXPECT_TRUE(jwt["claims"]["exp"].is_string());
  EXPECT_TRUE(jwt["scopes"].is_null());
  Signer stranger;
  for (const std::string& token :
       {stranger.token(claims()), signer_.token(claims({{"aud", "other"}})),
        signer_.token(claims({{"exp", 1}})), std::string("rubbish")}) {
    CallResult bad = with("Bearer " + token);
    EXPECT_EQ(bad.status, 401) << token;
    EXPECT_EQ(bad.text, R"({"message":"Unauthorized"})");
    EXPECT_NE(bad.headers.get("www-authenticate").find("invalid_token"), std::string_view::npos);
  }
  EXPECT_EQ(send("GET", "/a").status, 401);
}

TEST_F(V2TokensTest, ARouteMayAskForScopes) {
  create_api_for_tokens({{"AuthorizationScopes", {"read", "write"}}});
  EXPECT_EQ(with(signer_.token(claims())).status, 403);
  CallResult good = with(signer_.token(claims({{"scope", "other read"}})));
  ASSERT_EQ(good.status, 200) << good.text;
  EXPECT_EQ(good.body["requestContext"]["authorizer"]["jwt"]["scopes"], Json::array({"read"}));
}

TEST_F(V2TokensTest, AnIssuerThatIsNotThereRefuses) {
  create_guarded_api(
      "", {{"AuthorizerType", "JWT"},
           {"JwtConfiguration", {{"issuer", "http://127.0.0.1:1"}, {"audience", {"app"}}}}});
  issuer_ = "http://127.0.0.1:1";
  EXPECT_EQ(with(signer_.token(claims())).status, 401);
}

TEST(Rs256, OnlyTheKeysOwnSignatureIsValid) {
  Signer signer;
  Signer other;
  std::string text = signer.token({{"sub", "me"}});
  auto token = v2::parse_jwt("Bearer " + text);
  ASSERT_TRUE(token);
  bool unknown = false;
  EXPECT_TRUE(v2::signed_by(*token, signer.keys(), unknown));
  EXPECT_FALSE(v2::signed_by(*token, other.keys(), unknown));
  EXPECT_FALSE(unknown);
  token->signed_part += "x";
  EXPECT_FALSE(v2::signed_by(*token, signer.keys(), unknown));
  auto stranger = v2::parse_jwt(signer.token({{"sub", "me"}}, {{"alg", "RS256"}, {"kid", "k2"}}));
  EXPECT_FALSE(v2::signed_by(*stranger, signer.keys(), unknown));
  EXPECT_TRUE(unknown);
  // Neither "none" nor a symmetric algorithm under the public key passes.
  for (const char* algorithm : {"none", "HS256"}) {
    auto forged = v2::parse_jwt(signer.token({{"sub", "me"}}, {{"alg", algorithm}, {"kid", "k1"}}));
    EXPECT_FALSE(v2::signed_by(*forged, signer.keys(), unknown)) << algorithm;
  }
  EXPECT_FALSE(rsa_sha256_valid("", "", "x", "y"));
  EXPECT_FALSE(rsa_sha256_valid("\x01", "\x01", "x", "y"));
}

TEST(Jwt, MalformedTokensAreNone) {
  for (const char* text : {"", "a.b", "a.b.c", "Bearer ", "e30.e30.!!", "e30.W10.e30", "....",
                           "e30=.e30.e30", "Bearer e30.e30"}) {
    EXPECT_FALSE(v2::parse_jwt(text)) << text;
  }
  EXPECT_TRUE(v2::parse_jwt("e30.e30.AA"));
}

TEST(Jwt, ClaimsAreHeldAgainstIssuerAudienceAndTime) {
  const Json good = {{"iss", "i"}, {"aud", "a"}, {"exp", 200}, {"nbf", 50}, {"iat", 50}};
  const auto refusal = [&good](const Json& changes) {
    Json claims = good;
    claims.update(changes);
    return v2::refusal_of_claims(claims, "i", {"a", "b"}, 100);
  };
  EXPECT_EQ(refusal(Json::object()), "");
  EXPECT_EQ(refusal({{"aud", {"x", "b"}}}), "");
  EXPECT_NE(refusal({{"iss", "j"}}), "");
  EXPECT_NE(refusal({{"aud", "c"}}), "");
  EXPECT_NE(refusal({{"exp", 100}}), "");
  EXPECT_NE(refusal({{"exp", "soon"}}), "");
  EXPECT_NE(refusal({{"nbf", 101}}), "");
  EXPECT_NE(refusal({{"iat", 101}}), "");
  Json client = {{"iss", "i"}, {"client_id", "b"}};
  EXPECT_EQ(v2::refusal_of_claims(client, "i", {"a", "b"}, 100), "");
  EXPECT_EQ(v2::scopes_of({{"scope", "x y"}}, {"y", "z"}), Json::array({"y"}));
  EXPECT_EQ(v2::claims_as_text({{"n", 1}, {"l", {"a", "b"}}, {"s", "t"}}),
            (Json{{"n", "1"}, {"l", "[a b]"}, {"s", "t"}}));
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
