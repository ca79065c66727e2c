// DynamoDB and DynamoDB Streams: one service with two APIs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
#include "services/dynamodb/catalog.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/expression_cache.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/trails.hpp"
#include "services/dynamodb/transaction.hpp"
#include "services/dynamodb/transaction_tokens.hpp"
#include "services/dynamodb/update.hpp"
#include "storage/database.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::dynamodb {

namespace batches {
struct BatchWrite;
}
class TextRequest;

class DynamoDb : public gateway::Service, public events::LogSource {
 public:
  explicit DynamoDb(gateway::Platform& platform);

  std::string_view name() const override { return "dynamodb"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  void stop() override { catalog_.stop(); }

  // events::LogSource, for event source mappings on streams (streams.cpp).
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
  std::vector<gateway::Operation> stream_operations();

  // tables.cpp
  Output create_table(Context& context, Json input);
  Output describe_table(Context& context, Json input);
  Output list_tables(Context& context, Json input);
  Output update_table(Context& context, Json input);
  Output delete_table(Context& context, Json input);
  // table_facts.cpp
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags(Context& context, Json input);
  Output describe_limits(Context& context, Json input);
  Output describe_endpoints(Context& context, Json input);
  Output describe_continuous_backups(Context& context, Json input);
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

  // text_items.cpp: the same from the text of a request; nullopt: it must go the ordinary way.
  std::optional<Output> put_item_text(Context& context, std::string_view text);
  std::optional<Output> get_item_text(Context& context, std::string_view text);
  std::optional<Output> update_item_text(Context& context, std::string_view text);
  std::optional<Output> delete_item_text(Context& context, std::string_view text);
  std::optional<Output> query_text(Context& context, std::string_view text);  // query.cpp
  std::optional<Output> write_text(Context& context, ItemWrite::Kind kind, TextRequest& request);

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
  Output read_page(Context& context, const Page& page);

  // batch.cpp
  struct BatchRead;
  void read_keys(BatchRead& read) const;
  std::string written(const Context& context, const Json& input,
                      const std::vector<batches::BatchWrite>& writes);

  // streams.cpp
  std::shared_ptr<const StreamHandle> stream_of(const std::string& arn);
  std::shared_ptr<const StreamHandle> stream_of(const Context& context, const std::string& arn);
  std::string event_id(uint64_t stream_number, uint64_t position) const;
  WorldTime horizon() const;
  std::vector<storage::QueueIndex::Entry> oldest_records(const StreamHandle& handle, size_t limit);
  // The first position whose record is not yet trimmed; the end of the log if there is none.
  uint64_t first_position(const StreamHandle& handle);
  bool trimmed(const StreamHandle& handle, uint64_t position);
  uint64_t end_position(const StreamHandle& handle) const;
  bool read_to_end(const StreamHandle& handle, uint64_t position) const;
  // Visits records from `position` on until `visit` returns false; returns the next position.
  uint64_t walk(const StreamHandle& handle, uint64_t position,
                const std::function<bool(uint64_t position, std::string_view bytes)>& visit);
  void trim(const events::Timer& timer);
  void set_trim_timer(storage::Batch& batch, RealmId realm, const std::string& arn, WorldTime due);
  void notify_stream(const std::string& log);

  // Consumed units to the metrics, and to the answer if it was asked for.
  void report_write(const Context& context, const Table& table, double units);
  void report_read(const Context& context, const Table& table, double units);

  gateway::Platform& platform_;
  Trails trails_;
  ItemWriter writer_;
  ExpressionCache expressions_;
  TransactionTokens tokens_;
  storage::QueueIndex records_;
  std::mutex listeners_mutex_;
  std::multimap<std::string, std::weak_ptr<std::function<void()>>, std::less<>> listeners_;
  Catalog catalog_;  // last: its destructor saves what the others have done
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::dynamodb
