// DynamoDB and DynamoDB Streams: one service with two APIs.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
#include "services/dynamodb/backups.hpp"
#include "services/dynamodb/catalog.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/expression_cache.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/read_lag.hpp"
#include "services/dynamodb/row_read.hpp"
#include "services/dynamodb/shards.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/throttle.hpp"
#include "services/dynamodb/trails.hpp"
#include "services/dynamodb/transaction.hpp"
#include "services/dynamodb/transaction_tokens.hpp"
#include "services/dynamodb/transfers.hpp"
#include "services/dynamodb/update.hpp"
#include "storage/database.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::dynamodb {

namespace batches {
struct AskedWrite;
struct BatchWrite;
}  // namespace batches
class BoundStatement;
class ExportRun;
class ImportRun;
struct PartiqlStatement;
struct StatementRun;
class TextRequest;

class DynamoDb : public gateway::Service, public events::LogSource {
 public:
  explicit DynamoDb(gateway::Platform& platform);

  std::string_view name() const override { return "dynamodb"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  // switches.cpp: read_lag_ms, index_lag_ms, outage, limits.
  Json settings() const override;
  void change_settings(const Json& changes) override;
  void stop() override {
    stopping_ = true;
    catalog_.stop();
  }

  // events::LogSource, for event source mappings on streams (stream_source.cpp).
  std::vector<events::LogShard> shards(const std::string& stream_arn) override;
  uint64_t start_position(const std::string& stream_arn, const std::string& shard_id,
                          events::StartAt start, WorldTime timestamp) override;
  events::LogPage read(const std::string& stream_arn, const std::string& shard_id,
                       uint64_t position, size_t most_records, size_t most_bytes) override;
  std::shared_ptr<void> subscribe(const std::string& stream_arn,
                                  std::function<void()> listener) override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  std::vector<gateway::Operation> table_operations();
  std::vector<gateway::Operation> item_operations();
  std::vector<gateway::Operation> statement_operations();  // partiql_access.cpp
  std::vector<gateway::Operation> stream_operations();

  // tables.cpp
  Output create_table(Context& context, Json input);
  Output describe_table(Context& context, Json input);
  Output list_tables(Context& context, Json input);
  Output update_table(Context& context, Json input);
  Output delete_table(Context& context, Json input);
  // tags.cpp
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags(Context& context, Json input);
  // table_facts.cpp
  Output describe_limits(Context& context, Json input);
  Output describe_endpoints(Context& context, Json input);
  // items.cpp
  Output put_item(Context& context, Json input);
  Output get_item(Context& context, Json input);
  Output update_item(Context& context, Json input);
  Output delete_item(Context& context, Json input);
  // query.cpp
  Output query(Context& context, Json input);
  Output scan(Context& context, Json input);
  // batch.cpp
  Output batch_get_item(Context& context, Json input);
  Output batch_write_item(Context& context, Json input);
  // transactions.cpp
  Output transact_write_items(Context& context, Json input);
  Output transact_get_items(Context& context, Json input);
  // streams.cpp
  Output list_streams(Context& context, Json input);
  Output describe_stream(Context& context, Json input);
  Output get_shard_iterator(Context& context, Json input);
  Output get_records(Context& context, Json input);
  // partiql.cpp, partiql_batch.cpp, partiql_transaction.cpp
  Output execute_statement(Context& context, Json input);
  Output batch_execute_statement(Context& context, Json input);
  Output execute_transaction(Context& context, Json input);

  // The table that TableName (a name or an ARN) means; nullptr if there is none.
  TablePtr find_table(const Context& context, std::string_view name_or_arn);
  // The same for data operations; throws ResourceNotFoundException.
  TablePtr data_table(const Context& context, const Json& input);
  TablePtr data_table_named(const Context& context, std::string_view name_or_arn);
  // For table operations; throws with the table's name.
  TablePtr control_table(const Context& context, const Json& input);

  // tables.cpp
  void start_stream(storage::Batch& batch, Table& table, std::string_view view_type);
  void end_stream(storage::Batch& batch, Table& table);
  bool update_billing(const Json& input, Table& table);
  bool update_stream(const Json& input, storage::Batch& batch, Table& table);
  bool update_settings(const Json& input, Table& table);
  bool update_indexes(const Json& input, Table& table, std::vector<Index>& removed);
  // One change of a global index.
  void update_index(const Json& change, bool on_demand, Index& index);
  // Fills the entries of all indexes that are being made and opens them. Work threads only.
  void backfill(TablePtr table);
  void backfill_batch(const Table& table, const Index& index, const std::vector<std::string>& keys);
  void finish_backfill(const Table& table);

  // time_to_live.cpp
  std::vector<gateway::Operation> time_to_live_operations();
  Output update_time_to_live(Context& context, Json input);
  Output describe_time_to_live(Context& context, Json input);
  void fill_expiries(TablePtr table);
  void enter_expiries(const Table& table, const std::vector<std::string>& keys);
  void expire(const events::Timer& timer);
  bool expire_some(const TablePtr& table, int64_t until_s);
  void expire_items(const Table& table, const std::vector<Expiration>& expirations);
  // backup_operations.cpp
  std::vector<gateway::Operation> backup_operations();
  Output create_backup(Context& context, Json input);
  Output describe_backup(Context& context, Json input);
  Output list_backups(Context& context, Json input);
  Output delete_backup(Context& context, Json input);
  // The table that a name or an ARN means; throws TableNotFoundException.
  TablePtr backup_table(const Context& context, const Json& name);
  void copy_for_backup(RealmId realm, Backup backup, const storage::Snapshot& snapshot);
  void resume_backup(RealmId realm, const Backup& backup);
  std::optional<Backup> find_backup(RealmId realm, std::string_view id);
  Backup existing_backup(const Context& context, const std::string& arn);
  bool restoring_from(RealmId realm, const std::string& backup_arn);
  void drop_backup(storage::Batch& batch, RealmId realm, const Backup& backup);
  void keep_as_system_backup(storage::Batch& batch, const Table& table);
  void expire_backup(const events::Timer& timer);
  // restore.cpp
  Output restore_table_from_backup(Context& context, Json input);
  Output restore_table_to_point_in_time(Context& context, Json input);
  Json begin_restore(Context& context, const Json& input, const Table& source, Restore restore,
                     bool small);
  void check_target(const Context& context, const std::string& name);
  TablePtr restore_source(const Context& context, const Json& input);
  void run_restore(TablePtr table, const storage::Snapshot& snapshot);
  void finish_restore(const Table& table, const storage::Snapshot& snapshot, bool locked);
  // point_in_time.cpp
  Output update_continuous_backups(Context& context, Json input);
  Output describe_continuous_backups(Context& context, Json input);
  // The earliest and the latest moment (ms) that the table can be taken back to.
  std::pair<int64_t, int64_t> recovery_window(const Table& table) const;
  Json continuous_backups(const Table& table) const;
  void trim_undo(const events::Timer& timer);
  // exports.cpp
  std::vector<gateway::Operation> export_operations();
  Output export_table(Context& context, Json input);
  Output describe_export(Context& context, Json input);
  Output list_exports(Context& context, Json input);
  std::string new_transfer_id(RealmId realm, const char* kind);
  // The export or import that was begun with the same token; throws for one of other parameters and
  // when too many run. Puts the removal of those that are too old into `batch`.
  std::optional<Transfer> known_transfer(const Context& context, storage::Kind kind,
                                         const Json& input, storage::Batch& batch);
  void start_export(Transfer transfer, TablePtr table);
  void resume_export(Transfer transfer);
  // Begins it again if the end of the process cut it short.
  std::optional<Transfer> find_export(RealmId realm, std::string_view id);
  Task<Json> put_export_file(std::shared_ptr<ExportRun> run, std::string key, std::string bytes);
  Task<void> put_export_manifest(std::shared_ptr<ExportRun> run, std::string name,
                                 std::string text);
  Task<void> export_pieces(std::shared_ptr<ExportRun> run);
  Task<void> run_export(std::shared_ptr<ExportRun> run, std::shared_ptr<Activity> activity);
  void end_export(ExportRun& run, const TransferFailure& failure);
  // imports.cpp
  std::vector<gateway::Operation> import_operations();
  Output import_table(Context& context, Json input);
  Output describe_import(Context& context, Json input);
  Output list_imports(Context& context, Json input);
  void start_import(Transfer transfer, TablePtr table);
  // Of the table that the row of an import says is being filled.
  void resume_import(const TablePtr& table);
  Task<Json> list_import_objects(std::shared_ptr<ImportRun> run, std::string token);
  Task<void> import_object(std::shared_ptr<ImportRun> run, std::string key, int64_t size);
  Task<void> import_objects(std::shared_ptr<ImportRun> run);
  Task<void> run_import(std::shared_ptr<ImportRun> run, std::shared_ptr<Activity> activity);
  void end_import(ImportRun& run, TransferFailure failure);
  // table_policies.cpp
  std::vector<gateway::Operation> policy_operations();
  Output put_resource_policy(Context& context, Json input);
  Output get_resource_policy(Context& context, Json input);
  Output delete_resource_policy(Context& context, Json input);
  // The table that an ARN names, and which part of it: "" or "stream/LABEL". Throws AwsError.
  std::pair<TablePtr, std::string> policy_resource(const Context& context, const std::string& arn);
  std::string next_policy_revision(const ResourcePolicy* former) const;
  // not_configured.cpp
  std::vector<gateway::Operation> unconfigured_operations();
  Output describe_kinesis(Context& context, Json input);
  Output describe_insights(Context& context, Json input);
  Output update_insights(Context& context, Json input);
  Output list_insights(Context& context, Json input);
  Output list_global_tables(Context& context, Json input);
  Output describe_global_table(Context& context, Json input);
  // Work that a table's definition says is not done yet, on a work thread and counted as activity.
  void finish_in_background(TablePtr table);

  // items.cpp
  struct WriteRequest;
  Output run_write(Context& context, WriteRequest& request);
  // One write under the lock of its partition, in one batch, with its units in the metrics. The
  // caller has looked the table up and given the write its subject. Throws what the write throws,
  // ConditionalCheckFailedException, and ResourceNotFoundException if the table goes meanwhile.
  WriteOutcome commit_write(Context& context, TablePtr table, const ItemWrite& write);
  // GetItem of a key that is not checked yet.
  struct ItemRead {
    const ProjectionExpression* projection = nullptr;
    bool consistent = false;
    ReturnCapacity capacity = ReturnCapacity::none;
  };
  Output read_item(Context& context, const Table& table, const Item& key, const ItemRead& read);

  // text_items.cpp, text_batches.cpp: operations from the text of a request; nullopt: it must go
  // the ordinary way.
  std::optional<Output> put_item_text(Context& context, std::string_view text);
  std::optional<Output> get_item_text(Context& context, std::string_view text);
  std::optional<Output> update_item_text(Context& context, std::string_view text);
  std::optional<Output> delete_item_text(Context& context, std::string_view text);
  std::optional<Output> query_text(Context& context, std::string_view text);  // query.cpp
  std::optional<Output> write_text(Context& context, ItemWrite::Kind kind, TextRequest& request);
  std::optional<Output> batch_write_item_text(Context& context, std::string_view text);
  std::optional<Output> transact_write_items_text(Context& context, std::string_view text);
  // Makes the write's update and condition. Throws for expressions that are wrong.
  void bind_text(ItemWrite& write, TextRequest& request);

  // transaction.cpp. Both throw TransactionCanceledException, and ValidationException if two
  // actions mean one item or all are too large together; units go to the metrics.
  //
  // All writes in one batch, under the locks of all their partitions. Tables must have been looked
  // up and subjects taken, or the action has its flaw. With a token that was used for this request
  // before, nothing is written and the units are those of reading; throws
  // IdempotentParameterMismatchException and TransactionInProgressException.
  TransactionUnits commit_transaction(Context& context, std::vector<TransactWrite>& actions,
                                      const std::optional<TransactionToken>& token);
  // All reads in one snapshot; fills the rows.
  TransactionUnits read_transaction(Context& context, std::vector<TransactRead>& actions);

  // query.cpp: what a page is to hold, and what it holds so far.
  struct Page;
  struct Progress;
  void read_rows(const Page& page, Progress& progress) const;
  // Takes one row or entry into the page; false once that is full.
  Output read_page(Context& context, const Page& page);

  // batch.cpp
  struct BatchRead;
  void read_keys(const Context& context, BatchRead& read);
  // All of BatchWriteItem but for the shape of its request.
  Output commit_batch(Context& context, const std::vector<batches::AskedWrite>& asked,
                      ReturnCapacity mode, bool metrics);
  std::string written(const Context& context, const std::vector<batches::BatchWrite>& writes,
                      ReturnCapacity mode, bool metrics);

  // partiql.cpp. `input` has what a statement asks for beside its text: Limit, NextToken …
  // nullptr if there is none; throws for a name that no table may have.
  TablePtr find_statement_table(const Context& context, const PartiqlStatement& statement);
  TablePtr statement_table(const Context& context, const PartiqlStatement& statement);
  StatementRun run_select(Context& context, const BoundStatement& bound, const Json& input);
  StatementRun run_statement_write(Context& context, const std::shared_ptr<BoundStatement>& bound,
                                   bool item_on_failure);
  // partiql_batch.cpp
  struct BatchStatement;
  void read_statement(Context& context, BatchStatement& part);
  void write_statement(Context& context, BatchStatement& part);
  void check_statements(Context& context, const std::vector<BatchStatement>& parts);

  // streams.cpp
  std::shared_ptr<const StreamHandle> stream_of(const std::string& arn);
  std::shared_ptr<const StreamHandle> stream_of(const Context& context, const std::string& arn);
  std::string event_id(uint64_t stream_number, uint64_t position) const;
  WorldTime horizon() const;
  std::vector<storage::QueueIndex::Entry> oldest_records(const StreamHandle& handle, size_t limit);
  // The first position whose record is not yet trimmed; the end of the log if there is none.
  uint64_t first_position(const StreamHandle& handle);
  bool trimmed(const StreamHandle& handle, const Shard& shard, uint64_t position);
  uint64_t end_position(const StreamHandle& handle) const;
  std::vector<Shard> shards_of(const StreamHandle& handle);
  // Throws ResourceNotFoundException.
  Shard shard_of(const StreamHandle& handle, std::string_view id);
  uint64_t iterator_position(const StreamHandle& handle, const Shard& shard, std::string_view type,
                             std::string_view number);
  // Once a definition without the stream is published.
  void close_stream(const Table& before);
  // Visits records in [position, bound) until `visit` returns false; returns the next position,
  // which does not pass the watermark.
  uint64_t walk(const StreamHandle& handle, uint64_t position, uint64_t bound,
                const std::function<bool(uint64_t position, std::string_view bytes)>& visit);
  void trim(const events::Timer& timer);
  void set_trim_timer(storage::Batch& batch, RealmId realm, const std::string& arn, WorldTime due);
  void notify_stream(const std::string& log);

  // row_read.cpp
  using TakeItem = std::function<void(ItemView)>;
  // Reads until the bounds end or the page is full (`limit` rows or kMaxPageBytes); gives each item
  // that satisfies the filter to `take`, as a view that is valid during the call. Throws
  // StorageError.
  void read_rows(const storage::Snapshot& snapshot, const RowRead& read, RowsRead& page,
                 const TakeItem& take) const;
  bool take_row(const RowRead& read, const storage::Snapshot& snapshot, std::string_view row,
                RowsRead& page, const TakeItem& take) const;

  // switches.cpp
  // Every strongly consistent read: throws InternalServerError while the outage switch is on.
  void require_strong_reads() const {
    if (lag_.outage()) throw errors::internal_server_error();
  }
  // An item's row as this read sees it: as it is, or as it was when reads lag. False if there is
  // none.
  bool read_row(std::string_view key, bool consistent, storage::Value& row,
                const storage::Snapshot* snapshot = nullptr) const;
  // Takes throughput for a change that is about to be made under its lock; the error to throw if
  // there is too little. `factor`: 2 in a transaction, of the table's units.
  std::optional<AwsError> refuse_write(Context& context, const Table& table, const ItemKey& key,
                                       const ItemChange& change, double factor = 1) {
    if (!throttle_.on()) return std::nullopt;
    return take_write(context, table, key, change, factor);
  }
  std::optional<AwsError> take_write(Context& context, const Table& table, const ItemKey& key,
                                     const ItemChange& change, double factor);
  // The same for a read of a table or index; `key` lies in the partition that was read, "" if there
  // were several.
  std::optional<AwsError> refuse_read(const Context& context, const Table& table,
                                      const Index* index, std::string_view key, double units) {
    if (!throttle_.on()) return std::nullopt;
    return take_read(context, table, index, key, units);
  }
  std::optional<AwsError> take_read(const Context& context, const Table& table, const Index* index,
                                    std::string_view key, double units);

  // Consumed units to the metrics, and to the answer if it was asked for.
  void report_write(const Context& context, const Table& table, double units);
  void report_read(const Context& context, const Table& table, double units);

  gateway::Platform& platform_;
  Trails trails_;
  Shards shards_;
  ReadLag lag_;
  Throttle throttle_;
  ItemWriter writer_;
  ExpressionCache expressions_;
  TransactionTokens tokens_;
  storage::QueueIndex records_;
  std::atomic<bool> stopping_{false};
  std::mutex copies_mutex_;
  std::set<std::string> copies_;  // keys of the backups whose items are being copied
  TransferRuns transfer_runs_;
  std::mutex listeners_mutex_;
  std::multimap<std::string, std::weak_ptr<std::function<void()>>, std::less<>> listeners_;
  Catalog catalog_;  // last: its destructor saves what the others have done
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::dynamodb
