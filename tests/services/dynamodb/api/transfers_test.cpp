// Exports to and imports from S3.
#include <chrono>

#include "core/caller.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "fixture.hpp"
#include "services/dynamodb/export_run.hpp"
#include "services/dynamodb/import_formats.hpp"

namespace paddock::testing {

using namespace std::chrono_literals;

namespace transfers_test {

inline Json s3_of(TestEmulator& world, const std::string& operation, Json input) {
  CallIdentity identity;
  identity.account = "000000000000";
  identity.region = "us-east-1";
  identity.principal_arn = "arn:aws:iam::000000000000:root";
  return world.platform().caller.call_and_wait(identity, "s3", operation, std::move(input));
}

}  // namespace transfers_test

class TransfersTest : public DynamoDbTest {
 protected:
  TransfersTest() { s3("CreateBucket", {{"Bucket", "lake"}}); }

  Json s3(const std::string& operation, Json input) {
    return transfers_test::s3_of(emulator, operation, std::move(input));
  }
  void store(const std::string& key, const std::string& text) {
    s3("PutObject",
       {{"Bucket", "lake"}, {"Key", key}, {"Body", Json::binary({text.begin(), text.end()})}});
  }
  std::string fetch(const std::string& key) {
    const Json got = s3("GetObject", {{"Bucket", "lake"}, {"Key", key}});
    const auto& bytes = got.at("Body").get_binary();
    return {bytes.begin(), bytes.end()};
  }
  // The lines of all data files that a manifest names.
  std::vector<Json> exported(const Json& shown) {
    const std::string summary = shown.value("ExportManifest", "");
    EXPECT_EQ(fetch(summary.substr(0, summary.size() - 5) + ".md5"),
              to_base64(md5(fetch(summary))));
    const std::string manifest = Json::parse(fetch(summary)).value("manifestFilesS3Key", "");
    std::vector<Json> lines;
    const std::string files = fetch(manifest);
    for (const std::string_view file : split(files, '\n')) {
      if (file.empty()) continue;
      const Json entry = Json::parse(file);
      const std::string packed = fetch(entry.value("dataFileS3Key", ""));
      EXPECT_EQ(entry["md5Checksum"], to_base64(md5(packed)));
      std::string text;
      services::dynamodb::Gunzip gunzip;
      gunzip.feed(packed, [&](std::string_view part) { text += part; });
      for (const std::string_view line : split(text, '\n')) {
        if (!line.empty()) lines.push_back(Json::parse(line));
      }
    }
    return lines;
  }
  static std::string arn(const std::string& table) {
    return "arn:aws:dynamodb:us-east-1:000000000000:table/" + table;
  }
  void recoverable(const std::string& table) {
    ok("CreateTable", simple_table(table));
    ok("UpdateContinuousBackups",
       {{"TableName", table},
        {"PointInTimeRecoverySpecification", {{"PointInTimeRecoveryEnabled", true}}}});
  }
  double now_s() { return static_cast<double>(emulator.platform().world.now().ms) / 1000; }
  Json export_input(const std::string& table, const Json& more = Json::object()) {
    Json input = {{"TableArn", arn(table)}, {"S3Bucket", "lake"}};
    input.update(more);
    return input;
  }
  Json run_export(const std::string& table, const Json& more = Json::object()) {
    const Json made = ok("ExportTableToPointInTime", export_input(table, more));
    EXPECT_EQ(made["ExportDescription"]["ExportStatus"], "IN_PROGRESS");
    emulator.wait_idle();
    return ok("DescribeExport",
              {{"ExportArn", made["ExportDescription"]["ExportArn"]}})["ExportDescription"];
  }
  static Json import_input(const Json& table, const std::string& prefix, const char* format) {
    return {{"S3BucketSource", {{"S3Bucket", "lake"}, {"S3KeyPrefix", prefix}}},
            {"InputFormat", format},
            {"TableCreationParameters", table}};
  }
  Json run_import(const Json& input) {
    const Json made = ok("ImportTable", input);
    EXPECT_EQ(made["ImportTableDescription"]["ImportStatus"], "IN_PROGRESS");
    emulator.wait_idle();
    return ok(
        "DescribeImport",
        {{"ImportArn", made["ImportTableDescription"]["ImportArn"]}})["ImportTableDescription"];
  }
};

TEST_F(TransfersTest, AnExportedTableIsImportedAgain) {
  recoverable("visits");
  put("visits", {{"pk", s("a")}, {"n", n("1")}, {"b", {{"B", "AAE="}}}});
  put("visits", {{"pk", s("b")}, {"l", {{"L", {{{"BS", {"AAE=", "AAI="}}}, s("x")}}}}});
  const Json shown = run_export("visits", {{"S3Prefix", "out"}});
  ASSERT_EQ(shown["ExportStatus"], "COMPLETED") << shown;
  EXPECT_EQ(shown["ItemCount"], 2);
  EXPECT_EQ(exported(shown).size(), 2u);
  const std::string id = shown.value("ExportArn", "").substr(arn("visits").size() + 8);
  EXPECT_EQ(fetch("out/AWSDynamoDB/" + id + "/_started"), "");
  const Json summary = Json::parse(fetch("out/AWSDynamoDB/" + id + "/manifest-summary.json"));
  EXPECT_EQ(summary["version"], "2020-06-30");
  EXPECT_EQ(summary["itemCount"], 2);

  Json table = simple_table("copy");
  Json input = import_input(table, "out/AWSDynamoDB/" + id + "/data/", "DYNAMODB_JSON");
  input["InputCompressionType"] = "GZIP";
  const Json imported = run_import(input);
  EXPECT_EQ(imported["ImportStatus"], "COMPLETED") << imported;
  EXPECT_EQ(imported["ImportedItemCount"], 2);
  for (const char* key : {"a", "b"}) {
    EXPECT_EQ(get("copy", {{"pk", s(key)}}), get("visits", {{"pk", s(key)}}));
  }
  EXPECT_EQ(ok("DescribeTable", {{"TableName", "copy"}})["Table"]["ItemCount"], 2);
}

TEST_F(TransfersTest, AnExportShowsTheTableAsItWas) {
  recoverable("visits");
  put("visits", {{"pk", s("kept")}, {"n", n("1")}});
  put("visits", {{"pk", s("gone")}, {"n", n("1")}});
  const double then = now_s();
  emulator.advance(10min);
  put("visits", {{"pk", s("kept")}, {"n", n("2")}});
  put("visits", {{"pk", s("new")}, {"n", n("2")}});
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("gone")}}}});
  const Json shown = run_export("visits", {{"ExportTime", then}});
  ASSERT_EQ(shown["ExportStatus"], "COMPLETED") << shown;
  const auto lines = exported(shown);
  ASSERT_EQ(lines.size(), 2u);
  for (const Json& line : lines) {
    EXPECT_EQ(line["Item"]["n"], n("1"));
    EXPECT_NE(line["Item"]["pk"], s("new"));
  }
}

TEST_F(TransfersTest, AnIncrementalExportHasTheChangesOfItsTime) {
  recoverable("visits");
  put("visits", {{"pk", s("kept")}, {"n", n("1")}});
  put("visits", {{"pk", s("still")}, {"n", n("1")}});
  emulator.advance(5min);
  const double from = now_s();
  put("visits", {{"pk", s("kept")}, {"n", n("2")}});
  put("visits", {{"pk", s("kept")}, {"n", n("3")}});
  put("visits", {{"pk", s("brief")}});
  ok("DeleteItem", {{"TableName", "visits"}, {"Key", {{"pk", s("brief")}}}});
  emulator.advance(20min);
  const double to = now_s();
  put("visits", {{"pk", s("kept")}, {"n", n("4")}});
  const Json span = {{"ExportFromTime", from}, {"ExportToTime", to}};
  const Json more = {{"ExportType", "INCREMENTAL_EXPORT"},
                     {"IncrementalExportSpecification", span}};
  const Json shown = run_export("visits", more);
  ASSERT_EQ(shown["ExportStatus"], "COMPLETED") << shown;
  const auto lines = exported(shown);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["Keys"], Json({{"pk", s("kept")}}));
  EXPECT_EQ(lines[0]["OldImage"]["n"], n("1"));
  EXPECT_EQ(lines[0]["NewImage"]["n"], n("3"));
  EXPECT_TRUE(lines[0]["Metadata"]["WriteTimestampMicros"]["N"].is_string());
}

TEST_F(TransfersTest, ExportsThatCannotBeAreRefused) {
  ok("CreateTable", simple_table("plain"));
  expect_error(call("ExportTableToPointInTime", export_input("plain")),
               "PointInTimeRecoveryUnavailableException",
               "Point in time recovery is not enabled for table 'plain'");
  EXPECT_EQ(call("ExportTableToPointInTime", export_input("missing")).error(),
            "TableNotFoundException");
  recoverable("visits");
  const Json early = {{"ExportTime", now_s() - 86'400}};
  EXPECT_EQ(call("ExportTableToPointInTime", export_input("visits", early)).error(),
            "InvalidExportTimeException");
  const Json ion = {{"ExportFormat", "ION"}};
  EXPECT_EQ(call("ExportTableToPointInTime", export_input("visits", ion)).status, 501);
  const Json failed = run_export("visits", {{"S3Bucket", "no-such-bucket-here"}});
  EXPECT_EQ(failed["ExportStatus"], "FAILED");
  EXPECT_EQ(failed["FailureCode"], "S3NoSuchBucket");
  EXPECT_EQ(failed["FailureMessage"], "The specified bucket does not exist");
}

TEST_F(TransfersTest, ATokenMakesOneExportAndListsHavePages) {
  recoverable("visits");
  const Json token = {{"ClientToken", "once"}};
  const Json first = run_export("visits", token);
  EXPECT_EQ(ok("ExportTableToPointInTime", export_input("visits", token))["ExportDescription"],
            first);
  const Json other = {{"ClientToken", "once"}, {"S3Prefix", "x"}};
  EXPECT_EQ(call("ExportTableToPointInTime", export_input("visits", other)).error(),
            "ExportConflictException");
  emulator.advance(1s);
  const Json second = run_export("visits");
  const Json page = ok("ListExports", {{"TableArn", arn("visits")}, {"MaxResults", 1}});
  EXPECT_EQ(page["ExportSummaries"][0]["ExportArn"], first["ExportArn"]);
  const Json rest = ok("ListExports", {{"NextToken", page["NextToken"]}});
  ASSERT_EQ(rest["ExportSummaries"].size(), 1u);
  EXPECT_EQ(rest["ExportSummaries"][0]["ExportArn"], second["ExportArn"]);
  EXPECT_FALSE(rest.contains("NextToken"));
}

TEST_F(TransfersTest, CsvIsImportedWithTheTypesOfKeys) {
  store("in/a.csv", "pk,n,note\r\na,1,\"x, \"\"y\"\"\nz\"\r\nb,2,plain\r\n");
  Json table = simple_table("rows");
  table["AttributeDefinitions"].push_back(attribute("n", "N"));
  table["GlobalSecondaryIndexes"] = Json::array({{{"IndexName", "by-n"},
                                                  {"KeySchema", {key("n", "HASH")}},
                                                  {"Projection", {{"ProjectionType", "ALL"}}}}});
  const Json shown = run_import(import_input(table, "in/", "CSV"));
  EXPECT_EQ(shown["ImportStatus"], "COMPLETED") << shown;
  EXPECT_EQ(get("rows", {{"pk", s("a")}})["Item"],
            Json({{"pk", s("a")}, {"n", n("1")}, {"note", s("x, \"y\"\nz")}}));
  const Json found = ok("Query", {{"TableName", "rows"},
                                  {"IndexName", "by-n"},
                                  {"KeyConditionExpression", "n = :n"},
                                  {"ExpressionAttributeValues", {{":n", n("2")}}}});
  EXPECT_EQ(found["Count"], 1);
}

TEST_F(TransfersTest, BadItemsAreCountedAndTheOthersImported) {
  store("in/a.csv", "a;1\nb;x\n;3\nc\n");
  Json table = sorted_table("rows", "N");
  Json input = import_input(table, "in/", "CSV");
  input["InputFormatOptions"]["Csv"] = {{"Delimiter", ";"}, {"HeaderList", {"pk", "sk"}}};
  const Json shown = run_import(input);
  EXPECT_EQ(shown["ImportStatus"], "FAILED");
  EXPECT_EQ(shown["FailureCode"], "ItemValidationError");
  EXPECT_EQ(shown["ErrorCount"], 3);
  EXPECT_EQ(shown["ProcessedItemCount"], 4);
  EXPECT_EQ(shown["ImportedItemCount"], 1);
  EXPECT_EQ(ok("Scan", {{"TableName", "rows"}})["Count"], 1);

  store("bad/a.json", "{\"Item\":{\"pk\":{\"S\":\"a\"}}}\n{\"pk\":1}\nnot json\n");
  const Json lines = run_import(import_input(simple_table("lines"), "bad/", "DYNAMODB_JSON"));
  EXPECT_EQ(lines["ErrorCount"], 2);
  EXPECT_EQ(lines["ImportedItemCount"], 1);
}

TEST_F(TransfersTest, ImportsThatCannotBeAreRefused) {
  const Json table = simple_table("rows");
  EXPECT_EQ(call("ImportTable", import_input(table, "", "ION")).status, 501);
  const Json shown = run_import(import_input(table, "nothing/", "DYNAMODB_JSON"));
  EXPECT_EQ(shown["ImportStatus"], "FAILED");
  EXPECT_EQ(call("DescribeTable", {{"TableName", "rows"}}).error(), "ResourceNotFoundException");
  ok("CreateTable", table);
  EXPECT_EQ(call("ImportTable", import_input(table, "", "CSV")).error(), "ResourceInUseException");
  EXPECT_EQ(call("DescribeImport", {{"ImportArn", arn("rows") + "/import/01693685827463-2d8752fd"}})
                .error(),
            "ImportNotFoundException");
}

TEST(TransfersRestartTest, WhatTheEndCutShortIsDoneAfterwards) {
  TempDir directory;
  Json made_export;
  Json made_import;
  const Json table = {{"TableName", "visits"},
                      {"AttributeDefinitions", {{{"AttributeName", "pk"}, {"AttributeType", "S"}}}},
                      {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}},
                      {"BillingMode", "PAY_PER_REQUEST"}};
  Json copy = table;
  copy["TableName"] = "copy";
  {
    TestEmulator first(TestEmulator::durable_options(directory.path()));
    const std::string line = "{\"Item\":{\"pk\":{\"S\":\"a\"}}}\n";
    transfers_test::s3_of(first, "CreateBucket", {{"Bucket", "lake"}});
    transfers_test::s3_of(first, "PutObject",
                          {{"Bucket", "lake"},
                           {"Key", "in/a.json"},
                           {"Body", Json::binary({line.begin(), line.end()})}});
    first.call("dynamodb", "CreateTable", table);
    first.call("dynamodb", "UpdateContinuousBackups",
               {{"TableName", "visits"},
                {"PointInTimeRecoverySpecification", {{"PointInTimeRecoveryEnabled", true}}}});
    first.call("dynamodb", "PutItem", {{"TableName", "visits"}, {"Item", {{"pk", {{"S", "a"}}}}}});
    made_export = first
                      .call("dynamodb", "ExportTableToPointInTime",
                            {{"TableArn", "arn:aws:dynamodb:us-east-1:000000000000:table/visits"},
                             {"S3Bucket", "lake"}})
                      .body;
    made_import = first
                      .call("dynamodb", "ImportTable",
                            {{"S3BucketSource", {{"S3Bucket", "lake"}, {"S3KeyPrefix", "in/"}}},
                             {"InputFormat", "DYNAMODB_JSON"},
                             {"TableCreationParameters", copy}})
                      .body;
  }
  TestEmulator second(TestEmulator::durable_options(directory.path()));
  const Json export_arn = {{"ExportArn", made_export["ExportDescription"]["ExportArn"]}};
  const Json import_arn = {{"ImportArn", made_import["ImportTableDescription"]["ImportArn"]}};
  second.call("dynamodb", "DescribeExport", export_arn);
  second.call("dynamodb", "DescribeImport", import_arn);
  second.wait_idle();
  const Json shown = second.call("dynamodb", "DescribeExport", export_arn).body;
  EXPECT_EQ(shown["ExportDescription"]["ExportStatus"], "COMPLETED") << shown;
  EXPECT_EQ(shown["ExportDescription"]["ItemCount"], 1);
  const Json imported = second.call("dynamodb", "DescribeImport", import_arn).body;
  EXPECT_EQ(imported["ImportTableDescription"]["ImportStatus"], "COMPLETED") << imported;
  EXPECT_EQ(second.call("dynamodb", "Scan", {{"TableName", "copy"}}).body["Count"], 1);
}

TEST(ImportFormatsTest, HostileBytesAreRefused) {
  namespace d = services::dynamodb;
  const auto nothing = [](std::string_view) {};
  d::Gunzip gunzip;
  EXPECT_THROW(gunzip.feed("not gzip at all", nothing), AwsError);
  d::Gunzip cut;
  const std::string packed = d::gzip("hello");
  cut.feed(std::string_view(packed).substr(0, packed.size() - 2), nothing);
  EXPECT_THROW(cut.finish(), AwsError);
  d::RecordCutter cutter(false);
  EXPECT_THROW(cutter.feed(std::string(d::kMaxRecordBytes + 1, 'x'), nothing), AwsError);
  EXPECT_THROW(d::csv_fields("a,\"b", ','), AwsError);
  std::string deep = "{\"Item\":{\"a\":";
  for (int i = 0; i < 200; ++i) deep += "{\"L\":[";
  EXPECT_THROW(d::json_item(deep), AwsError);
  EXPECT_THROW(d::json_item("{\"Item\":{\"a\":{\"B\":\"%\"}}}"), AwsError);
}

}  // namespace paddock::testing
