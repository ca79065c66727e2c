// What the functions of the live counter share: counts as the page wants them, and the table of
// open connections, {ConnectionId}.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lambdas/sdk/sdk.hpp"

namespace paddock::pageviews {

using sdk::Json;

inline std::string connections_table() {
  return sdk::required_environment("CONNECTIONS_TABLE");
}

inline Json connection_key(const std::string& connection) {
  return {{"ConnectionId", sdk::text_value(connection)}};
}

// What an item of the table of visits adds to a message: {"views": {"home": 5}}, or, if it is the
// stream processor's, {"total": 8}.
inline void add_item(Json& message, const Json& item) {
  const std::string id = item.at("ID").at("S");
  if (id == "COUNTER") {
    message["total"] = sdk::number_of(item, "TotalViews", 0);
  } else {
    message["views"][id] = sdk::number_of(item, "Count", 0);
  }
}

// Calls `take(item)` for every item of a table, page by page.
template <typename Take>
void for_each_item(const std::string& table, Take take) {
  Json input{{"TableName", table}};
  for (;;) {
    const Json page = sdk::call("dynamodb", "Scan", input);
    for (const Json& item : page.at("Items")) take(item);
    const auto last = page.find("LastEvaluatedKey");
    if (last == page.end()) return;
    input["ExclusiveStartKey"] = *last;
  }
}

// {"views": {"home": 5, "away": 3}, "total": 8}
inline Json all_counts() {
  Json message{{"views", Json::object()}, {"total", 0}};
  for_each_item(sdk::required_environment("TABLE_NAME"),
                [&message](const Json& item) { add_item(message, item); });
  return message;
}

inline void remember(const std::string& connection) {
  sdk::call("dynamodb", "PutItem",
            {{"TableName", connections_table()}, {"Item", connection_key(connection)}});
}

inline void forget(const std::string& connection) {
  sdk::call("dynamodb", "DeleteItem",
            {{"TableName", connections_table()}, {"Key", connection_key(connection)}});
}

// Sends a message to a connection, and forgets the connection if it has gone: $disconnect is not
// promised. Another failure concerns this connection alone, so it is only logged.
inline void send(const std::string& connection, const Json& message) {
  const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  Json input = Json::object();
  input["ConnectionId"] = connection;
  input["Data"] = Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
  try {
    sdk::call("apigatewaymanagementapi", "PostToConnection", std::move(input));
  } catch (const sdk::Error& error) {
    if (error.code() != "GoneException") {
      sdk::log("not sent to " + connection + ": " + error.code() + " " + error.message());
      return;
    }
    sdk::log(connection + " has gone");
    forget(connection);
  }
}

}  // namespace paddock::pageviews
