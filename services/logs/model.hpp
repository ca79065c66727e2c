// Log groups, streams and events as data, and the rules that need no store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "models/logs.hpp"

namespace paddock::services::logs {

namespace members = ::paddock::models::logs_members;

struct Group {
  std::string name;
  uint64_t id = 0;  // incarnation
  int64_t created_ms = 0;
  int retention_days = 0;  // 0: for ever
  std::string log_class = "STANDARD";
  std::string kms_key;
  bool deletion_protected = false;
  Json tags = Json::object();
  // How many filters it has.
  size_t metric_filters = 0;
  size_t subscription_filters = 0;

  // Events before this moment are gone.
  int64_t oldest_ms(int64_t now_ms) const;
};

struct Stream {
  std::string name;
  uint64_t id = 0;  // incarnation
  int64_t created_ms = 0;
  // Of its events; ingested_ms is 0 while there are none.
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t ingested_ms = 0;
  uint64_t next_sequence = 1;
  uint64_t bytes = 0;
};

// Where an event is in its stream: by time, then by arrival.
struct Position {
  int64_t timestamp_ms = 0;
  uint64_t sequence = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// Where an event is in its group.
struct GroupPosition {
  int64_t timestamp_ms = 0;
  uint64_t stream = 0;
  uint64_t sequence = 0;
};

struct Event {
  Position at;
  int64_t ingested_ms = 0;
  std::string message;
};

// 56 digits as AWS writes event ids: 14 of the timestamp, 20 of the stream, 22 of the sequence.
std::string event_id(const Position& at, uint64_t stream);

// GetLogEvents' tokens: "f/" or "b/" and an event id.
struct PageToken {
  bool forward = true;
  Position at;
};
std::string encode_token(const PageToken& token, uint64_t stream);
// nullopt for any other text, and for a token of another stream.
std::optional<PageToken> decode_token(std::string_view text, uint64_t stream);

// FilterLogEvents' tokens: where the next page begins in that group.
std::string encode_filter_token(const GroupPosition& at, uint64_t group);
std::optional<GroupPosition> decode_filter_token(std::string_view text, uint64_t group);

// "NAME" from a name, or from arn:aws:logs:R:A:log-group:NAME[:*]; nullopt for another ARN.
std::optional<std::string> group_name_of(const std::string& identifier);

}  // namespace paddock::services::logs
