#include "services/dynamodb/export_run.hpp"

#include <stdexcept>

#include <zlib.h>

#include "models/dynamodb.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/trails.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using storage::Family;

namespace export_runs {

constexpr size_t kPieceBytes = 4 * 1024 * 1024;  // of lines, before they are compressed
constexpr uint8_t kEnd = 0;
constexpr uint8_t kBeginning = 1;
constexpr uint8_t kWritten = 2;

std::string keys_of(const Table& table, ItemView item) {
  return pick_attributes(item, position_attributes(table, nullptr));
}

}  // namespace export_runs

bool ExportRun::incremental() const {
  return transfer_.shown.at(m::ExportType) == "INCREMENTAL_EXPORT";
}

void ExportRun::commit(storage::Batch& batch, bool always) {
  if (!always && batch.bytes() < kCopyBatchBytes) return;
  if (stopping_) throw std::runtime_error("the emulator stops");
  if (!batch.empty()) database_.commit(batch);
}

// From the last step to the first one, so that the state before the first one stays.
void ExportRun::undo(const Change& change) {
  const std::string log = undo_prefix(table_->realm, table_->incarnation).bytes();
  const std::string to = scratch_prefix(transfer_.realm, transfer_.number, change.part).bytes();
  storage::Batch batch;
  for (auto step = database_.iterate(Family::log, log, storage::prefix_end(log),
                                     storage::Direction::backward, &*snapshot_);
       step.valid(); step.next()) {
    const UndoStep undone = decode_undo(step.value());
    if (undone.written.ms < change.from_ms) continue;
    batch.put(Family::rows, to + std::string(undone.item_rest), undone.before);
    commit(batch, false);
  }
  commit(batch, true);
}

void ExportRun::mark_writes(int64_t from_ms, int64_t to_ms) {
  const std::string log = undo_prefix(table_->realm, table_->incarnation).bytes();
  const std::string to =
      scratch_prefix(transfer_.realm, transfer_.number, export_runs::kWritten).bytes();
  storage::Batch batch;
  for (auto step = database_.iterate_prefix(Family::log, log, &*snapshot_); step.valid();
       step.next()) {
    const UndoStep written = decode_undo(step.value());
    if (written.written.ms < from_ms || written.written.ms >= to_ms) continue;
    batch.put(Family::rows, to + std::string(written.item_rest),
              std::to_string(written.written.ms));
    commit(batch, false);
  }
  commit(batch, true);
}

void ExportRun::prepare() {
  clean_up();  // after a try that was cut short
  if (!incremental()) {
    undo({transfer_.shown.at(m::ExportTime).get<int64_t>() + 1, export_runs::kEnd});
    return;
  }
  const Json& span = transfer_.shown.at(m::IncrementalExportSpecification);
  const auto from = span.at(m::ExportFromTime).get<int64_t>();
  const auto to = span.at(m::ExportToTime).get<int64_t>();
  undo({to, export_runs::kEnd});
  undo({from, export_runs::kBeginning});
  mark_writes(from, to);
}

void ExportRun::clean_up() {
  const std::string scratch = scratch_prefix(transfer_.realm, transfer_.number).bytes();
  storage::Batch batch;
  batch.erase_range(Family::rows, scratch, storage::prefix_end(scratch));
  database_.commit(batch);
}

// An item as it was: its scratch row or, without one, its row.
std::string ExportRun::state(std::string_view rest, uint8_t part) const {
  const std::string name(rest);
  const auto scratch = database_.get(
      Family::rows, scratch_prefix(transfer_.realm, transfer_.number, part).bytes() + name);
  if (scratch) return *scratch;
  const auto row = database_.get(Family::rows, items_prefix(*table_).bytes() + name, &*snapshot_);
  return row ? *row : std::string();
}

std::shared_ptr<ExportPiece> ExportRun::next_piece() {
  auto piece = std::make_shared<ExportPiece>();
  std::string lines;
  const bool more = incremental() ? add_change(lines, *piece) : add_item(lines, *piece);
  if (!more && begun_) return nullptr;
  begun_ = true;
  piece->bytes = gzip(lines);
  items += piece->items;
  billed_bytes += piece->billed_bytes;
  return piece;
}

// Merges rows and scratch rows. False if there was none left.
bool ExportRun::add_item(std::string& lines, ExportPiece& piece) {
  const std::string rows = items_prefix(*table_).bytes();
  const std::string scratch =
      scratch_prefix(transfer_.realm, transfer_.number, export_runs::kEnd).bytes();
  const std::string next = after_.empty() ? after_ : after_ + '\0';
  auto row = database_.iterate(Family::rows, rows + next, storage::prefix_end(rows),
                               storage::Direction::forward, &*snapshot_);
  auto former = database_.iterate(Family::rows, scratch + next, storage::prefix_end(scratch));
  bool any = false;
  while ((row.valid() || former.valid()) && lines.size() < export_runs::kPieceBytes) {
    any = true;
    const std::string_view row_rest = row.valid() ? row.key().substr(rows.size()) : "";
    const std::string_view former_rest = former.valid() ? former.key().substr(scratch.size()) : "";
    const bool use_former = former.valid() && (!row.valid() || former_rest <= row_rest);
    const bool same = use_former && row.valid() && former_rest == row_rest;
    after_ = std::string(use_former ? former_rest : row_rest);
    const std::string_view bytes = use_former ? former.value() : row.value();
    if (!bytes.empty()) {
      const ItemView item(bytes);
      lines += "{\"Item\":";
      append_json(lines, item);
      lines += "}\n";
      ++piece.items;
      piece.billed_bytes += static_cast<int64_t>(item_size(item));
    }
    if (same || !use_former) row.next();
    if (use_former) former.next();
  }
  return any;
}

bool ExportRun::add_change(std::string& lines, ExportPiece& piece) {
  const std::string written =
      scratch_prefix(transfer_.realm, transfer_.number, export_runs::kWritten).bytes();
  const std::string next = after_.empty() ? after_ : after_ + '\0';
  const bool old_images =
      transfer_.shown.at(m::IncrementalExportSpecification).at(m::ExportViewType) ==
      "NEW_AND_OLD_IMAGES";
  auto change = database_.iterate(Family::rows, written + next, storage::prefix_end(written));
  bool any = false;
  for (; change.valid() && lines.size() < export_runs::kPieceBytes; change.next()) {
    any = true;
    after_ = std::string(change.key().substr(written.size()));
    const std::string before = state(after_, export_runs::kBeginning);
    const std::string now = state(after_, export_runs::kEnd);
    if (before.empty() && now.empty()) continue;  // made and deleted meanwhile
    const size_t start = lines.size();
    lines += "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"";
    lines += change.value();
    lines += "000\"}},\"Keys\":";
    const std::string keys = export_runs::keys_of(*table_, ItemView(now.empty() ? before : now));
    append_json(lines, ItemView(keys));
    if (!now.empty()) append_json(lines += ",\"NewImage\":", ItemView(now));
    if (old_images && !before.empty()) append_json(lines += ",\"OldImage\":", ItemView(before));
    lines += "}\n";
    ++piece.items;
    piece.billed_bytes += static_cast<int64_t>(lines.size() - start);
  }
  return any;
}

std::string gzip(std::string_view text) {
  constexpr int kGzip = 15 + 16;
  constexpr int kMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib has no memory");
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw std::runtime_error("zlib could not compress");
  return out;
}

}  // namespace paddock::services::dynamodb
