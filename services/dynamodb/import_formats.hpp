// The text of files that ImportTable reads: gzip, records of lines or CSV, and the items in them.
// Pure but for zlib's memory; every input is bounded.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb {

// Longer records are refused: an item has 400 KB, and its JSON a few times that.
inline constexpr size_t kMaxRecordBytes = 4 * 1024 * 1024;

// Undoes gzip, also of several members one after the other. For one thread at a time.
class Gunzip {
 public:
  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  using Sink = std::function<void(std::string_view)>;
  // Gives what `bytes` bring to `sink`, in pieces of a few KB. Throws ValidationException for what
  // is no gzip.
  void feed(std::string_view bytes, const Sink& sink);
  // Throws ValidationException if a member is not at its end.
  void finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Cuts text into records: lines, or in CSV rows whose quoted fields may hold line ends.
class RecordCutter {
 public:
  explicit RecordCutter(bool quotes) : quotes_(quotes) {}

  using Sink = std::function<void(std::string_view)>;
  // Empty lines are left out. Throws ValidationException for a record that is too long.
  void feed(std::string_view text, const Sink& sink);
  void finish(const Sink& sink);

 private:
  void give(const Sink& sink);

  bool quotes_;
  bool quoted_ = false;
  std::string record_;
};

// The fields of a CSV row: "" within quotes is one quote. Throws ValidationException for a quote
// that is not closed.
std::vector<std::string> csv_fields(std::string_view row, char delimiter);
// An item of a row's fields. Key attributes, of the table and its indexes, have the type that the
// table gives them; all others are strings. Throws ValidationException.
Item csv_item(const Table& table, const std::vector<std::string>& header,
              const std::vector<std::string>& fields);
// The item of a line {"Item":{…}} in DynamoDB JSON. Throws AwsError.
Item json_item(std::string_view line);

}  // namespace paddock::services::dynamodb
