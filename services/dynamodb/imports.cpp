// ImportTable, DescribeImport and ListImports.
//
// The table is made at once, CREATING as one that is being restored; a coroutine reads the objects
// from S3 in pieces, and rows are made of them on the work pool. An import that the end of the
// process cut short begins again when its table or itself is next looked up.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/import_run.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/table_parts.hpp"
#include "services/dynamodb/table_rules.hpp"
#include "storage/realms.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace importing {

constexpr size_t kPage = 25;
constexpr int64_t kPieceBytes = 2 * 1024 * 1024;
constexpr const char* kOperation = "ImportTable";

std::vector<std::string> table(const gateway::RequestContext& context, const Json& input) {
  const Json& name =
      member_or_null(member_or_null(input, m::TableCreationParameters), m::TableName);
  if (!name.is_string()) return {"*"};
  return {
      make_arn("dynamodb", context.region, context.account, "table/" + name.get<std::string>())};
}
std::vector<std::string> described(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, m::ImportArn);
  return {arn.is_string() ? arn.get<std::string>() : "*"};
}

void check_formats(const Json& input) {
  const Json& format = input.at(m::InputFormat);
  if (format == "ION") throw errors::unsupported("InputFormat ION", kOperation);
  if (input.value(m::InputCompressionType, "") == "ZSTD") {
    throw errors::unsupported("InputCompressionType ZSTD", kOperation);
  }
  const Json& csv = member_or_null(member_or_null(input, m::InputFormatOptions), m::Csv);
  if (format != "CSV" && !csv.is_null()) {
    throw errors::validation("InputFormatOptions.Csv is only valid when InputFormat is CSV");
  }
}

Json description(const gateway::RequestContext& context, const Table& table, const Json& input,
                 const std::string& id, int64_t now) {
  Json shown = {
      {m::ImportArn, table.arn + "/import/" + id},
      {m::ImportStatus, "IN_PROGRESS"},
      {m::TableArn, table.arn},
      {m::TableId, table.id},
      {m::S3BucketSource, input.at(m::S3BucketSource)},
      {m::ErrorCount, 0},
      {m::CloudWatchLogGroupArn, make_arn("logs", context.region, context.account,
                                          std::string("log-group:") + kImportLogGroup + ":*")},
      {m::InputFormat, input.at(m::InputFormat)},
      {m::InputCompressionType, input.value(m::InputCompressionType, "NONE")},
      {m::TableCreationParameters, input.at(m::TableCreationParameters)},
      {m::StartTime, now},
      {m::ProcessedSizeBytes, 0},
      {m::ProcessedItemCount, 0},
      {m::ImportedItemCount, 0}};
  for (const char* name : {m::ClientToken, m::InputFormatOptions}) {
    if (const Json& value = member_or_null(input, name); !value.is_null()) shown[name] = value;
  }
  return shown;
}

Json with_bucket(const Transfer& transfer, Json input) {
  const Json& source = transfer.shown.at(m::S3BucketSource);
  input["Bucket"] = source.at(m::S3Bucket);
  const Json& owner = member_or_null(source, m::S3BucketOwner);
  if (!owner.is_null()) input["ExpectedBucketOwner"] = owner;
  return input;
}

}  // namespace importing

std::vector<gateway::Operation> DynamoDb::import_operations() {
  using gateway::Access;
  const auto partial = gateway::Fidelity::partial("ION and ZSTD are refused");
  return {
      {"ImportTable", gateway::slow(this, &DynamoDb::import_table), Access::write, partial,
       "dynamodb:ImportTable", importing::table, ""},
      {"DescribeImport", gateway::slow(this, &DynamoDb::describe_import), Access::read,
       gateway::Fidelity::full(), "dynamodb:DescribeImport", importing::described, ""},
      {"ListImports", gateway::slow(this, &DynamoDb::list_imports), Access::read,
       gateway::Fidelity::full(), "dynamodb:ListImports", nullptr, ""},
  };
}

Output DynamoDb::import_table(Context& context, Json input) {
  importing::check_formats(input);
  const RealmId realm = context.realm->id;
  std::lock_guard change(catalog_.change_mutex());
  storage::Batch batch;
  if (const auto known = known_transfer(context, kImportKind, input, batch)) {
    return Json{{m::ImportTableDescription, known->shown}};
  }
  const Json& wanted = input.at(m::TableCreationParameters);
  std::shared_ptr<Table> table = table_from_input(wanted);
  table->on_demand_limits = changed_limits(nullptr, member_or_null(wanted, m::OnDemandThroughput),
                                           table->on_demand, "table", true);
  table->sse = sse_description(context, member_or_null(wanted, m::SSESpecification));
  if (catalog_.find(realm, table->name)) throw errors::table_exists(table->name);
  if (catalog_.table_count(realm) >= kMaxTablesPerAccount) throw errors::too_many_tables();
  table->realm = realm;
  table->arn = make_arn("dynamodb", context.region, context.account, "table/" + table->name);
  table->id = platform_.ids.uuid(realm, "dynamodb-table");
  table->incarnation = platform_.database.reserve(realm, "dynamodb-incarnation", 1);
  table->created_ms = platform_.world.now().ms;
  if (table->on_demand) table->last_on_demand_ms = table->created_ms;
  table->counts->exact = false;
  Transfer transfer;
  transfer.realm = realm;
  transfer.id = new_transfer_id(realm, "dynamodb-import");
  transfer.asked = input;
  transfer.shown = importing::description(context, *table, input, transfer.id, table->created_ms);
  if (!transfer.shown.contains(m::ClientToken)) {
    transfer.shown[m::ClientToken] = platform_.ids.uuid(realm, "dynamodb-import-token");
  }
  transfer.account = context.account;
  transfer.region = context.region;
  transfer.principal = context.as_caller().principal_arn;
  transfer.table = table->name;
  transfer.incarnation = table->incarnation;
  table->settings.restore.from = Restore::From::import;
  table->settings.restore.import_id = transfer.id;
  derive(*table);
  batch.put(Family::meta, table_key(realm, table->name), encode_table(*table));
  batch.put(Family::meta, transfer_key(realm, kImportKind, transfer.id), encode_transfer(transfer));
  context.commit(batch);
  catalog_.publish(table);
  Json answer = {{m::ImportTableDescription, transfer.shown}};
  start_import(std::move(transfer), table);
  return answer;
}

void DynamoDb::start_import(Transfer transfer, TablePtr table) {
  const std::string key = transfer_key(transfer.realm, kImportKind, transfer.id).bytes();
  auto run = std::make_shared<ImportRun>(platform_, std::move(transfer), std::move(table));
  if (!transfer_runs_.begin(key, run)) return;
  auto activity = std::make_shared<Activity>(platform_.activities.begin("import"));
  asio::co_spawn(platform_.background, run_import(std::move(run), std::move(activity)),
                 asio::detached);
}

void DynamoDb::resume_import(const TablePtr& table) {
  const auto row = platform_.database.get(
      Family::meta, transfer_key(table->realm, kImportKind, table->settings.restore.import_id));
  if (row) start_import(decode_transfer(table->realm, *row), table);
}

Task<Json> DynamoDb::list_import_objects(std::shared_ptr<ImportRun> run, std::string token) {
  Json input = Json::object();
  const Json& source = run->transfer().shown.at(m::S3BucketSource);
  const std::string prefix = source.value(m::S3KeyPrefix, std::string());
  if (!prefix.empty()) input["Prefix"] = prefix;
  if (!token.empty()) input["ContinuationToken"] = token;
  Json listed = importing::with_bucket(run->transfer(), std::move(input));
  auto list =
      platform_.caller.call(run->transfer().identity(), "s3", "ListObjectsV2", std::move(listed));
  co_return co_await std::move(list);
}

Task<void> DynamoDb::import_object(std::shared_ptr<ImportRun> run, std::string key, int64_t size) {
  run->begin_object(key);
  for (int64_t at = 0; at < size && !stopping_; at += importing::kPieceBytes) {
    const int64_t last = std::min(size, at + importing::kPieceBytes) - 1;
    Json input = {{"Key", key},
                  {"Range", "bytes=" + std::to_string(at) + "-" + std::to_string(last)}};
    Json asked = importing::with_bucket(run->transfer(), std::move(input));
    auto get =
        platform_.caller.call(run->transfer().identity(), "s3", "GetObject", std::move(asked));
    auto answer = std::make_shared<Json>(co_await std::move(get));
    auto feeding = platform_.work.run([run, answer] {
      const auto& bytes = answer->at("Body").get_binary();
      return run->feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    });
    const bool more = co_await std::move(feeding);
    if (!more) break;
  }
  auto ending = platform_.work.run([run] {
    run->end_object();
    run->flush();
    return true;
  });
  co_await std::move(ending);
}

Task<void> DynamoDb::import_objects(std::shared_ptr<ImportRun> run) {
  auto preparing = platform_.work.run([run] {
    run->prepare();
    return true;
  });
  co_await std::move(preparing);
  size_t objects = 0;
  std::string token;
  do {
    auto listing = list_import_objects(run, token);
    const Json listed = co_await std::move(listing);
    const Json& contents = member_or_null(listed, "Contents");
    for (size_t i = 0; i < contents.size() && !stopping_; ++i) {
      if (++objects > kMaxImportObjects) {
        throw AwsError("TooManyObjects", "The import has more than 50000 objects");
      }
      auto object = import_object(run, contents[i].at("Key"), contents[i].at("Size"));
      co_await std::move(object);
    }
    token = listed.value("NextContinuationToken", std::string());
  } while (!token.empty() && !stopping_);
  if (objects == 0) {
    throw AwsError("NoSuchKey", "No objects were found under the given bucket and prefix");
  }
}

Task<void> DynamoDb::run_import(std::shared_ptr<ImportRun> run,
                                std::shared_ptr<Activity> activity) {
  TransferFailure failure;
  try {
    auto objects = import_objects(run);
    co_await std::move(objects);
  } catch (const AwsError& error) {
    failure = failure_of(error);
  } catch (const std::exception& error) {
    failure.code = "UNKNOWN";
    failure.message = error.what();
  }
  auto ending = platform_.work.run([this, run, failure] {
    end_import(*run, failure);
    return true;
  });
  co_await std::move(ending);
  activity.reset();
}

// On a work thread. Without its source an import leaves no table; with items that were refused it
// leaves the table with the others.
void DynamoDb::end_import(ImportRun& run, TransferFailure failure) {
  Transfer& transfer = run.transfer();
  const Table& table = *run.table();
  const std::string key = transfer_key(transfer.realm, kImportKind, transfer.id).bytes();
  const bool kept = failure.code.empty();
  if (kept && run.errors > 0) {
    failure.code = "ItemValidationError";
    failure.message =
        "Some of the items failed validation checks. Please check CloudWatch error logs for more "
        "details.";
  }
  try {
    const auto stopping = [this] { return stopping_.load(); };
    if (!kept) run.prepare();
    if (!stopping_ && (!kept || restores::index_rows(platform_.database, table, stopping))) {
      transfer.shown[m::EndTime] = platform_.world.now().ms;
      transfer.shown[m::ImportStatus] = failure.code.empty() ? "COMPLETED" : "FAILED";
      transfer.shown[m::ErrorCount] = run.errors;
      transfer.shown[m::ProcessedSizeBytes] = run.processed_bytes;
      transfer.shown[m::ProcessedItemCount] = run.processed;
      transfer.shown[m::ImportedItemCount] = run.imported;
      if (!failure.code.empty()) {
        transfer.shown[m::FailureCode] = failure.code;
        transfer.shown[m::FailureMessage] = failure.message;
      }
      std::lock_guard change(catalog_.change_mutex());
      storage::Batch batch;
      batch.put(Family::meta, key, encode_transfer(transfer));
      auto next = std::make_shared<Table>(table);
      next->settings.restore = Restore{};
      const auto row = table_key(table.realm, table.name);
      if (kept) {
        batch.put(Family::meta, row, encode_table(*next));
      } else {
        batch.erase(Family::meta, row);
      }
      platform_.database.commit(batch);
      table.counts->exact = true;
      if (kept) {
        catalog_.publish(std::move(next));
      } else {
        catalog_.forget(table);
      }
    }
  } catch (const storage::DeadRealm&) {
    // Reset meanwhile: the table is gone with its realm.
  } catch (const std::exception& error) {
    platform_.log.error("dynamodb: the import of table " + transfer.table +
                        " could not be ended: " + error.what());
  }
  transfer_runs_.end(key);
}

Output DynamoDb::describe_import(Context& context, Json input) {
  const std::string arn = input.at(m::ImportArn);
  const std::string id = arn.substr(arn.rfind('/') + 1);
  const auto row =
      platform_.database.get(Family::meta, transfer_key(context.realm->id, kImportKind, id));
  if (row) {
    const Transfer transfer = decode_transfer(context.realm->id, *row);
    if (transfer.shown.at(m::ImportArn) == arn) {
      if (transfer.under_way()) catalog_.find(context.realm->id, transfer.table);  // resumes it
      return Json{{m::ImportTableDescription, transfer.shown}};
    }
  }
  throw AwsError("ImportNotFoundException", "Import not found: " + arn);
}

Output DynamoDb::list_imports(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string_view table = text_member(input, m::TableArn);
  const size_t limit = input.value(m::PageSize, importing::kPage);
  const auto prefix = transfers_prefix(realm, kImportKind);
  std::string begin = prefix.bytes();
  if (const std::string_view token = text_member(input, m::NextToken); !token.empty()) {
    const std::string id = token_id(token);
    if (id.empty()) throw errors::validation("Invalid NextToken");
    begin = transfer_key(realm, kImportKind, id).bytes() + '\0';
  }
  Json output = {{m::ImportSummaryList, Json::array()}};
  std::string last;
  for (auto row = platform_.database.iterate(Family::meta, begin, storage::prefix_end(prefix));
       row.valid(); row.next()) {
    const Transfer transfer = decode_transfer(realm, row.value());
    if (!table.empty() && transfer.shown.at(m::TableArn) != table) continue;
    if (output[m::ImportSummaryList].size() == limit) {
      output[m::NextToken] = token_of(last);
      break;
    }
    last = transfer.id;
    Json summary = Json::object();
    for (const char* name : {m::ImportArn, m::ImportStatus, m::TableArn, m::S3BucketSource,
                             m::CloudWatchLogGroupArn, m::InputFormat, m::StartTime, m::EndTime}) {
      const Json& value = member_or_null(transfer.shown, name);
      if (!value.is_null()) summary[name] = value;
    }
    output[m::ImportSummaryList].push_back(std::move(summary));
    if (transfer.under_way()) catalog_.find(realm, transfer.table);  // resumes it
  }
  return output;
}

}  // namespace paddock::services::dynamodb
