// Websites of buckets.
#include "fixture.hpp"

namespace paddock::testing {
namespace {

class S3WebsiteTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    make_bucket("site");
    open_to_all("site");
    ASSERT_EQ(put("/site/index.html", "home", {{"content-type", "text/html"}}).status, 200);
    ASSERT_EQ(put("/site/docs/index.html", "docs").status, 200);
  }
  void open_to_all(const std::string& bucket) {
    ASSERT_EQ(put("/" + bucket + "?policy",
                  R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                  R"("Resource":"arn:aws:s3:::)" +
                      bucket + R"(/*"}})")
                  .status,
              204);
  }
  void configure(const std::string& more = "") {
    const S3Answer set = put("/site?website",
                             "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix>"
                             "</IndexDocument>" +
                                 more + "</WebsiteConfiguration>");
    ASSERT_EQ(set.status, 200) << set.body;
  }
  S3Answer visit(const std::string& path, const std::string& method = "GET", Fields fields = {}) {
    fields["authorization"] = "";
    if (fields.count("host") == 0) fields["host"] = "site.s3-website.localhost:4566";
    return send(method, path, "", fields);
  }
  // An error page, but for what differs from call to call.
  static std::string page(const S3Answer& answer) {
    std::string text = answer.body;
    const size_t begin = text.find("<li>RequestId");
    const size_t end = text.find("</ul>", begin);
    if (begin == std::string::npos) return text;
    return text.replace(begin, end - begin, "...\n");
  }
};

TEST_F(S3WebsiteTest, EveryFormOfItsHostServesIt) {
  configure();
  for (const char* host :
       {"site.s3-website.localhost:4566", "site.s3-website-us-west-2.amazonaws.com",
        "site.s3-website.eu-central-1.amazonaws.com",
        "site.s3-website.localhost.localstack.cloud"}) {
    EXPECT_EQ(visit("/", "GET", {{"host", host}}).body, "home") << host;
  }
  EXPECT_EQ(visit("/_aws/s3-website/site/", "GET", {{"host", "127.0.0.1"}}).body, "home");
  const S3Answer bare = visit("/_aws/s3-website/site", "GET", {{"host", "127.0.0.1"}});
  EXPECT_EQ(bare.status, 302);
  EXPECT_EQ(bare.header("location"), "/_aws/s3-website/site/");
}

TEST_F(S3WebsiteTest, DocumentsKeepTheirHeadersAndRanges) {
  configure();
  const S3Answer home = visit("/");
  EXPECT_EQ(home.status, 200);
  EXPECT_EQ(home.header("content-type"), "text/html");
  EXPECT_FALSE(home.header("etag").empty());
  EXPECT_EQ(visit("/docs/").body, "docs");
  const S3Answer part = visit("/index.html", "GET", {{"range", "bytes=1-2"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "om");
  const S3Answer same = visit("/", "GET", {{"if-none-match", home.header("etag")}});
  EXPECT_EQ(same.status, 304);
  const S3Answer head = visit("/", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "4");
  EXPECT_EQ(head.body, "");
  const std::string large(300'000, 'x');
  ASSERT_EQ(put("/site/large", large).status, 200);
  EXPECT_EQ(visit("/large?ignored=1").body, large);
  EXPECT_EQ(visit("/large", "HEAD").header("content-length"), "300000");
}

TEST_F(S3WebsiteTest, AFolderWithoutItsSlashIsRedirected) {
  configure();
  const S3Answer folder = visit("/docs?query=dropped");
  EXPECT_EQ(folder.status, 302);
  EXPECT_EQ(folder.header("location"), "/docs/");
  EXPECT_EQ(visit("/_aws/s3-website/site/docs", "GET", {{"host", "x"}}).header("location"),
            "/_aws/s3-website/site/docs/");
}

TEST_F(S3WebsiteTest, ErrorPagesAreAsOnAws) {
  configure();
  const S3Answer missing = visit("/none/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(page(missing),
            "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n"
            "<ul>\n<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n"
            "<li>Key: none/index.html</li>\n...\n</ul>\n<hr/>\n</body>\n</html>\n");
  EXPECT_EQ(missing.header("x-amz-error-code"), "NoSuchKey");
  EXPECT_EQ(missing.header("x-amz-error-detail-Key"), "none/index.html");
  EXPECT_NE(visit("/none").body.find("<li>Key: none</li>"), std::string::npos);
  const S3Answer posted = visit("/x", "POST");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(page(posted),
            "<html>\n<head><title>405 Method Not Allowed</title></head>\n<body>\n"
            "<h1>405 Method Not Allowed</h1>\n<ul>\n<li>Code: MethodNotAllowed</li>\n"
            "<li>Message: The specified method is not allowed against this resource.</li>\n"
            "<li>Method: POST</li>\n<li>ResourceType: OBJECT</li>\n...\n</ul>\n<hr/>\n</body>\n"
            "</html>\n");
  EXPECT_NE(
      visit("/", "GET", {{"host", "gone.s3-website.localhost"}})
          .body.find("<li>Code: NoSuchBucket</li>\n<li>Message: The specified bucket does not exist"
                     "</li>\n<li>BucketName: gone</li>"),
      std::string::npos);
  make_bucket("bare");
  const S3Answer bare = visit("/", "GET", {{"host", "bare.s3-website.localhost"}});
  EXPECT_EQ(bare.status, 404);
  EXPECT_NE(bare.body.find("NoSuchWebsiteConfiguration"), std::string::npos);
}

TEST_F(S3WebsiteTest, WhatIsNotPublicIsForbidden) {
  configure();
  ASSERT_EQ(drop("/site?policy").status, 204);
  const S3Answer answer = visit("/");
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("<li>Code: AccessDenied</li>\n<li>Message: Access Denied</li>"),
            std::string::npos);
}

TEST_F(S3WebsiteTest, TheErrorDocumentIsShownOrItsFaultTold) {
  configure("<ErrorDocument><Key>error.html</Key></ErrorDocument>");
  EXPECT_EQ(
      page(visit("/none")),
      "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n"
      "<ul>\n<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n"
      "<li>Key: none</li>\n...\n</ul>\n<h3>An Error Occurred While Attempting to Retrieve a "
      "Custom Error Document</h3>\n<ul>\n<li>Code: NoSuchKey</li>\n<li>Message: The specified "
      "key does not exist.</li>\n<li>Key: error.html</li>\n</ul>\n<hr/>\n</body>\n</html>\n");
  ASSERT_EQ(put("/site/error.html", "sorry", {{"content-type", "text/html"}}).status, 200);
  const S3Answer shown = visit("/none");
  EXPECT_EQ(shown.status, 404);
  EXPECT_EQ(shown.body, "sorry");
  EXPECT_EQ(shown.header("content-type"), "text/html");
}

TEST_F(S3WebsiteTest, ObjectsAndRulesRedirect) {
  configure(
      "<RoutingRules>"
      "<RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect>"
      "<ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith></Redirect></RoutingRule>"
      "<RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>"
      "<KeyPrefixEquals>app/</KeyPrefixEquals></Condition><Redirect><Protocol>https</Protocol>"
      "<HostName>example.com</HostName><ReplaceKeyWith>all</ReplaceKeyWith><HttpRedirectCode>307"
      "</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>");
  const S3Answer prefix = visit("/old/page");
  EXPECT_EQ(prefix.status, 301);
  EXPECT_EQ(prefix.header("location"), "http://site.s3-website.localhost:4566/new/page");
  const S3Answer code = visit("/app/x");
  EXPECT_EQ(code.status, 307);
  EXPECT_EQ(code.header("location"), "https://example.com/all");
  ASSERT_EQ(put("/site/moved", "", {{"x-amz-website-redirect-location", "/docs/"}}).status, 200);
  const S3Answer moved = visit("/moved");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.header("location"), "/docs/");
  EXPECT_EQ(get("/site/moved").header("x-amz-website-redirect-location"), "/docs/");
  ASSERT_EQ(put("/site?website",
                "<WebsiteConfiguration><RedirectAllRequestsTo><HostName>example.org</HostName>"
                "<Protocol>https</Protocol></RedirectAllRequestsTo></WebsiteConfiguration>")
                .status,
            200);
  const S3Answer every = visit("/a%20b");
  EXPECT_EQ(every.status, 301);
  EXPECT_EQ(every.header("location"), "https://example.org/a%20b");
}

TEST_F(S3WebsiteTest, TheBucketsCorsRulesHoldHereToo) {
  configure();
  ASSERT_EQ(put("/site?cors",
                "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
                "</AllowedMethod></CORSRule></CORSConfiguration>")
                .status,
            200);
  const Fields page{{"origin", "https://example.com"}, {"access-control-request-method", "GET"}};
  EXPECT_EQ(visit("/", "GET", page).header("access-control-allow-origin"), "*");
  EXPECT_EQ(visit("/", "OPTIONS", page).header("access-control-allow-methods"), "GET");
  EXPECT_FALSE(visit("/").headers.has("access-control-allow-origin"));
}

TEST_F(S3WebsiteTest, FaultyConfigurationsAreRefused) {
  const auto fault = [this](const std::string& body) {
    const S3Answer answer =
        put("/site?website", "<WebsiteConfiguration>" + body + "</WebsiteConfiguration>");
    return answer.error() + ": " + answer.xml("Message");
  };
  const std::string index = "<IndexDocument><Suffix>i</Suffix></IndexDocument>";
  const auto rule = [&](const std::string& inner) {
    return fault(index + "<RoutingRules><RoutingRule>" + inner + "</RoutingRule></RoutingRules>");
  };
  EXPECT_EQ(fault("<IndexDocument><Suffix>/index.html</Suffix></IndexDocument>"),
            "InvalidArgument: The IndexDocument Suffix is not well formed");
  EXPECT_EQ(fault(index + "<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>"),
            "InvalidArgument: RedirectAllRequestsTo cannot be provided in conjunction with other "
            "Routing Rules.");
  EXPECT_EQ(fault("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol>"
                  "</RedirectAllRequestsTo>"),
            "InvalidRequest: Invalid protocol, protocol can be http or https. If not defined the "
            "protocol will be selected automatically.");
  EXPECT_EQ(rule("<Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b"
                 "</ReplaceKeyPrefixWith></Redirect>"),
            "InvalidRequest: You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  EXPECT_EQ(rule("<Condition></Condition><Redirect><HostName>h</HostName></Redirect>"),
            "InvalidRequest: Condition cannot be empty. To redirect all requests without a "
            "condition, the condition element shouldn't be present.");
}

}  // namespace
}  // namespace paddock::testing
