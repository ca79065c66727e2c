// Saved counts, version 1 (family stats): u8 version=1, then for the table and each of its indexes
// u32 id (0: the table), i64 items, i64 bytes; fields as in storage/keys.hpp. Written at a clean
// close and erased when read, so that after a crash they are counted again.
#include "services/dynamodb/catalog.hpp"

#include <algorithm>

#include "core/arn.hpp"
#include "core/task.hpp"
#include "events/log_sequencer.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/shards.hpp"
#include "services/dynamodb/store.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::dynamodb {

using storage::Family;

namespace counting {

constexpr uint8_t kVersion = 1;

std::string encode_counts(const Table& table) {
  std::string out(1, static_cast<char>(kVersion));
  const auto add = [&](uint32_t id, const Counts& counts) {
    storage::append_u32(out, id);
    storage::append_i64(out, counts.items.load());
    storage::append_i64(out, counts.bytes.load());
  };
  add(0, *table.counts);
  for (const Index& index : table.indexes) add(index.id, *index.counts);
  return out;
}

// Adds what lies in [prefix…) of the snapshot; false if it was told to stop.
bool add_range(const storage::Database& database, const storage::Snapshot& snapshot, Family family,
               std::string_view prefix, Counts& counts, const std::atomic<bool>& stopping) {
  for (auto row = database.iterate_prefix(family, prefix, &snapshot); row.valid(); row.next()) {
    if (stopping) return false;
    counts.items.fetch_add(1, std::memory_order_relaxed);
    counts.bytes.fetch_add(static_cast<int64_t>(item_size(ItemView(row.value()))),
                           std::memory_order_relaxed);
  }
  return true;
}

}  // namespace counting

Catalog::Catalog(gateway::Platform& platform, Shards& shards)
    : platform_(platform), shards_(shards) {
  platform_.realms.on_reset([this](const std::vector<RealmId>& dead) { drop_realms(dead); });
}

Catalog::~Catalog() {
  save_counts();
}

TablePtr Catalog::find(RealmId realm, std::string_view name) {
  {
    std::shared_lock lock(mutex_);
    const auto names = tables_.find(realm);
    if (names != tables_.end()) {
      const auto found = names->second.find(name);
      if (found != names->second.end()) return found->second;
    }
  }
  return load(realm, name);
}

TablePtr Catalog::load(RealmId realm, std::string_view name) {
  TablePtr table;
  {
    std::unique_lock lock(mutex_);
    const auto names = tables_.find(realm);
    if (names != tables_.end()) {
      const auto found = names->second.find(name);
      if (found != names->second.end()) return found->second;
    }
    const auto row = platform_.database.get(Family::meta, table_key(realm, name));
    if (!row) return nullptr;
    const auto read = decode_table(realm, *row);
    if (read->stream) {
      auto stream = std::make_shared<Stream>(*read->stream);
      stream->shards = shards_.attach(realm, *stream);
      read->stream = std::move(stream);
    }
    table = read;
    // Nobody can write to the table before it is in the map, so the snapshot taken for counting and
    // the changes counted from here on make up the whole.
    if (table->settings.restore.under_way()) {
      table->counts->exact = false;  // counted when it is done
    } else {
      load_counts(table);
    }
    tables_[realm].emplace(std::string(name), table);
  }
  const bool unfinished = table->settings.unfinished() ||
                          std::any_of(table->indexes.begin(), table->indexes.end(),
                                      [](const Index& index) { return index.backfilling; });
  if (unfinished && resume_) resume_(table);
  return table;
}

void Catalog::load_counts(const TablePtr& table) {
  if (!take_saved_counts(*table)) recount(table);
}

bool Catalog::take_saved_counts(const Table& table) {
  const auto key = counts_key(table);
  const auto row = platform_.database.get(Family::stats, key);
  constexpr size_t kEntry = 4 + 8 + 8;
  if (!row || row->size() != 1 + kEntry * (1 + table.indexes.size()) ||
      row->front() != counting::kVersion) {
    return false;
  }
  storage::Batch batch;
  batch.erase(Family::stats, key);
  try {
    platform_.database.commit(batch, storage::CommitMode::no_wait);
  } catch (const storage::CommitWouldWait&) {
    return false;
  }
  const auto number = [&](size_t at) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>((*row)[at + i]);
    return static_cast<int64_t>(value ^ 0x8000000000000000ULL);
  };
  const auto set = [&](Counts& counts, size_t entry) {
    counts.items = number(1 + entry * kEntry + 4);
    counts.bytes = number(1 + entry * kEntry + 12);
  };
  set(*table.counts, 0);
  for (size_t i = 0; i < table.indexes.size(); ++i) set(*table.indexes[i].counts, i + 1);
  return true;
}

void Catalog::recount(const TablePtr& table) {
  table->counts->exact = false;
  platform_.work.post([table, snapshot = platform_.database.snapshot(), stopping = stopping_,
                       &database = platform_.database, &log = platform_.log] {
    try {
      if (!counting::add_range(database, snapshot, Family::rows, items_prefix(*table),
                               *table->counts, *stopping)) {
        return;
      }
      for (const Index& index : table->indexes) {
        if (!counting::add_range(database, snapshot, Family::index, entries_prefix(*table, index),
                                 *index.counts, *stopping)) {
          return;
        }
      }
      table->counts->exact = true;
    } catch (const std::exception& error) {
      log.error("dynamodb: table " + table->name + " could not be counted: " + error.what());
    }
  });
}

void Catalog::save_counts() {
  std::unique_lock lock(mutex_);
  try {
    storage::Batch batch;
    for (const auto& [realm, names] : tables_) {
      if (!platform_.realms.alive(realm)) continue;
      for (const auto& [name, table] : names) {
        if (table->counts->exact) {
          batch.put(Family::stats, counts_key(*table), counting::encode_counts(*table));
        }
      }
    }
    if (!batch.empty()) platform_.database.commit(batch);
  } catch (const std::exception& error) {
    // They are counted again at the next start.
    platform_.log.warn(std::string("dynamodb: item counts were not saved: ") + error.what());
  }
}

std::vector<std::string> Catalog::names(RealmId realm, std::string_view after, size_t limit) const {
  const auto prefix = tables_prefix(realm);
  const std::string begin = after.empty() ? prefix.bytes() : table_key(realm, after).bytes() + '\0';
  std::vector<std::string> names;
  for (auto row = platform_.database.iterate(Family::meta, begin, storage::prefix_end(prefix));
       row.valid() && names.size() < limit; row.next()) {
    storage::KeyReader key(row.key());
    names.push_back(key.text());
  }
  return names;
}

size_t Catalog::table_count(RealmId realm) const {
  size_t count = 0;
  for (auto row = platform_.database.iterate_prefix(Family::meta, tables_prefix(realm));
       row.valid(); row.next()) {
    ++count;
  }
  return count;
}

void Catalog::publish(std::shared_ptr<const Table> table) {
  {
    std::unique_lock lock(mutex_);
    TablePtr& current = tables_[table->realm][table->name];
    if (current) current->retired = true;
    current = std::move(table);
  }
  platform_.locks.pass_through_all();
}

void Catalog::forget(const Table& table) {
  {
    std::unique_lock lock(mutex_);
    const auto names = tables_.find(table.realm);
    if (names != tables_.end()) {
      const auto found = names->second.find(table.name);
      if (found != names->second.end()) {
        found->second->retired = true;
        names->second.erase(found);
      }
    }
  }
  platform_.locks.pass_through_all();
}

std::shared_ptr<const StreamHandle> Catalog::find_stream(std::string_view arn) {
  {
    std::shared_lock lock(mutex_);
    const auto found = streams_.find(arn);
    if (found != streams_.end()) return found->second;
  }
  const auto parsed = Arn::parse(arn);
  if (!parsed || parsed->service != "dynamodb") return nullptr;
  constexpr std::string_view kTable = "table/";
  constexpr std::string_view kStream = "/stream/";
  const std::string_view resource = parsed->resource;
  const size_t middle = resource.find(kStream);
  if (!resource.starts_with(kTable) || middle == std::string_view::npos) return nullptr;
  Stream wanted;
  wanted.table_name = std::string(resource.substr(kTable.size(), middle - kTable.size()));
  wanted.label = std::string(resource.substr(middle + kStream.size()));

  // One spelling per stream, so that the map stays as small as the number of streams.
  if (arn != make_arn("dynamodb", parsed->region, parsed->account, resource)) return nullptr;

  const auto realm = platform_.realms.find("dynamodb", parsed->account, parsed->region);
  std::unique_lock lock(mutex_);
  const auto row = platform_.database.get(Family::meta, stream_key(realm->id, wanted));
  if (!row) return nullptr;
  auto handle = std::make_shared<StreamHandle>();
  handle->realm = realm->id;
  handle->arn = std::string(arn);
  const auto stream = decode_stream(*row);
  stream->shards = shards_.attach(realm->id, *stream);
  handle->stream = stream;
  handle->log = records_prefix(realm->id, handle->stream->number).bytes();
  streams_[handle->arn] = handle;
  return handle;
}

std::vector<std::shared_ptr<const Stream>> Catalog::streams(RealmId realm) const {
  std::vector<std::shared_ptr<const Stream>> streams;
  for (auto row = platform_.database.iterate_prefix(Family::meta, streams_prefix(realm));
       row.valid(); row.next()) {
    streams.push_back(decode_stream(row.value()));
  }
  return streams;
}

void Catalog::forget_stream(std::string_view arn) {
  std::unique_lock lock(mutex_);
  const auto found = streams_.find(arn);
  if (found != streams_.end()) streams_.erase(found);
}

void Catalog::drop_realms(const std::vector<RealmId>& dead) {
  std::unique_lock lock(mutex_);
  for (const RealmId realm : dead) {
    shards_.forget_realm(realm);
    const auto names = tables_.find(realm);
    if (names != tables_.end()) {
      for (const auto& [name, table] : names->second) table->retired = true;
      tables_.erase(names);
    }
    for (auto stream = streams_.begin(); stream != streams_.end();) {
      if (stream->second->realm == realm) {
        platform_.sequencer.forget(stream->second->log);
        stream = streams_.erase(stream);
      } else {
        ++stream;
      }
    }
  }
}

}  // namespace paddock::services::dynamodb
