// One import while it runs: from the bytes of objects to rows of the table that is being made.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/platform.hpp"
#include "services/dynamodb/import_formats.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/transfers.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

inline constexpr const char* kImportLogGroup = "/aws-dynamodb/imports";

// For one thread at a time; work threads only, but for the plain values.
class ImportRun : public TransferRun {
 public:
  ImportRun(gateway::Platform& platform, Transfer transfer, TablePtr table)
      : platform_(platform), transfer_(std::move(transfer)), table_(std::move(table)) {}

  Transfer& transfer() { return transfer_; }
  const TablePtr& table() const { return table_; }

  // Erases what a try that was cut short has left.
  void prepare();
  void begin_object(const std::string& key);
  // False if the rest of the object is not worth reading.
  bool feed(std::string_view bytes);
  void end_object();
  // Writes what is left of rows and of the log.
  void flush();

  int64_t processed_bytes = 0;
  int64_t processed = 0;
  int64_t imported = 0;
  int64_t errors = 0;

 private:
  void take(std::string_view record);
  void put(const Item& item);
  void fail(const std::string& message);

  gateway::Platform& platform_;
  Transfer transfer_;
  TablePtr table_;
  storage::Batch batch_;
  std::string object_;
  int64_t index_ = 0;  // of the record within its object
  bool broken_ = false;
  std::unique_ptr<Gunzip> gunzip_;
  std::optional<RecordCutter> cutter_;
  std::vector<std::string> header_;
  std::vector<std::string> log_;
  size_t logged_ = 0;
};

}  // namespace paddock::services::dynamodb
