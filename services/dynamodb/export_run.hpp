// One export while it runs: the table as it was, in pieces that are ready for S3.
//
// The table is not copied. The steps of its undo log since the moment wanted say which items were
// something else then; their former states are put into scratch rows, in the order of the items,
// and read beside the rows of the snapshot.
//
// Scratch rows (key: transfers.hpp), erased at the end and before another try:
//   part 0   the item at the end of the export's time, raw (nothing: there was none)
//   part 1   incremental: the item at its beginning, likewise
//   part 2   incremental: of an item that was written meanwhile, the time of the last write as text
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/dynamodb/model.hpp"
#include "services/dynamodb/transfers.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

struct ExportPiece {
  std::string bytes;  // gzip
  int64_t items = 0;
  int64_t billed_bytes = 0;
};

// For one thread at a time; work threads only. Throws StorageError.
class ExportRun : public TransferRun {
 public:
  ExportRun(storage::Database& database, Transfer transfer, TablePtr table,
            const std::atomic<bool>& stopping)
      : database_(database),
        transfer_(std::move(transfer)),
        table_(std::move(table)),
        stopping_(stopping),
        snapshot_(database.snapshot()) {}

  void drop_snapshot() override { snapshot_.reset(); }

  Transfer& transfer() { return transfer_; }
  bool incremental() const;
  void prepare();
  // The next piece; nullptr after the last one. An export without items has one, of no lines.
  std::shared_ptr<ExportPiece> next_piece();
  void clean_up();

  std::string files;  // manifest-files.json so far
  int64_t items = 0;
  int64_t billed_bytes = 0;

 private:
  struct Change {
    int64_t from_ms;  // of the writes that are undone: the first moment
    uint8_t part;
  };
  void undo(const Change& change);
  void mark_writes(int64_t from_ms, int64_t to_ms);
  bool add_item(std::string& lines, ExportPiece& piece);
  bool add_change(std::string& lines, ExportPiece& piece);
  std::string state(std::string_view rest, uint8_t part) const;
  void commit(storage::Batch& batch, bool always);

  storage::Database& database_;
  Transfer transfer_;
  TablePtr table_;
  const std::atomic<bool>& stopping_;
  std::optional<storage::Snapshot> snapshot_;
  std::string after_;  // the rest up to which items were taken
  bool begun_ = false;
};

std::string gzip(std::string_view text);

}  // namespace paddock::services::dynamodb
