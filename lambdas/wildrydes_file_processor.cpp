// Wild Rydes, module 1: reads the files that were put into a bucket, one sensor record a line, and
// stores the records. {"Name": "Shadowfax", "StatusTime": "2016-02-12 00:00:00.000", …} becomes an
// item whose StatusTime is a number: milliseconds since 1970, in UTC.
#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "core/text.hpp"
#include "lambdas/sdk/attributes.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

constexpr size_t kBatch = 25;  // requests in a BatchWriteItem

// A line of the file as the request to store it; throws sdk::Json::exception or sdk::Error for one
// that is no record.
sdk::Json put_of(const std::string& line) {
  sdk::Json record = sdk::Json::parse(line);
  std::string time = record.at("StatusTime");
  time.replace(std::min<size_t>(time.find(' '), time.size()), 1, "T");
  const std::optional<int64_t> at = paddock::parse_iso8601(time + "Z");
  if (!at) throw sdk::Error("InvalidRecord", "StatusTime is no time", 400);
  record["StatusTime"] = *at;
  return {{"PutRequest", {{"Item", sdk::to_attributes(record)}}}};
}

// Lines that are no records are logged and left out: a file is not lost for one of them.
std::vector<sdk::Json> puts_of(const std::string& text) {
  std::vector<sdk::Json> puts;
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      puts.push_back(put_of(line));
    } catch (const sdk::Json::exception& error) {
      sdk::log("line " + std::to_string(number) + " is no record: " + error.what());
    } catch (const sdk::Error& error) {
      sdk::log("line " + std::to_string(number) + " is no record: " + error.message());
    }
  }
  return puts;
}

// Between one and three seconds, so that functions that were throttled together come back apart.
void wait_a_while() {
  std::random_device device;
  std::this_thread::sleep_for(std::chrono::milliseconds(1000 + device() % 2001));
}

// Stores a batch; what the table had no capacity for is tried again until the function's time is
// up.
void store(const std::string& table, sdk::Json puts) {
  sdk::Json requests = {{table, std::move(puts)}};
  for (;;) {
    try {
      sdk::Json answer = sdk::call("dynamodb", "BatchWriteItem", {{"RequestItems", requests}});
      requests = answer.value("UnprocessedItems", sdk::Json::object());
      if (requests.empty()) return;
    } catch (const sdk::Error& error) {
      if (error.code() != "ProvisionedThroughputExceededException" &&
          error.code() != "ThrottlingException") {
        throw;
      }
    }
    sdk::log("the table's capacity is used up; trying again");
    wait_a_while();
  }
}

void process(const std::string& table, const sdk::Json& s3) {
  const std::string bucket = s3.at("bucket").at("name");
  // In events keys are encoded as in forms.
  const std::string key =
      paddock::url_decode(s3.at("object").at("key").get_ref<const std::string&>(), true);
  const sdk::Json object = sdk::call("s3", "GetObject", {{"Bucket", bucket}, {"Key", key}});
  const auto& body = object.at("Body").get_binary();
  const std::vector<sdk::Json> puts = puts_of(std::string(body.begin(), body.end()));
  for (size_t first = 0; first < puts.size(); first += kBatch) {
    const size_t last = std::min(puts.size(), first + kBatch);
    store(table, sdk::Json::array_t(puts.begin() + first, puts.begin() + last));
  }
  sdk::log(std::to_string(puts.size()) + " records of " + bucket + "/" + key);
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const std::string table = sdk::required_environment("TABLE_NAME");
  size_t files = 0;
  try {
    const sdk::Json event = sdk::Json::parse(request.payload);
    for (const auto& record : event.at("Records")) {
      process(table, record.at("s3"));
      ++files;
    }
  } catch (const sdk::Json::exception&) {
    throw sdk::Error("InvalidEvent", "The event is none of S3", 400);
  }
  return sdk::invocation_response::success("\"Processed " + std::to_string(files) + " file(s)\"",
                                           "application/json");
}
