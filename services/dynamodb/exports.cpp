// ExportTableToPointInTime, DescribeExport and ListExports.
//
// An export is a row that says IN_PROGRESS, and a coroutine that reads pieces of the table on the
// work pool and puts them into S3 in between. One that the end of the process cut short begins
// again when it is next looked up.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/arn.hpp"
#include "core/digest.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/export_run.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/realms.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace exporting {

constexpr std::chrono::minutes kShortestSpan{15};
constexpr std::chrono::hours kLongestSpan{24};
constexpr size_t kPage = 25;
constexpr const char* kOperation = "ExportTableToPointInTime";

std::vector<std::string> table(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, m::TableArn);
  return {arn.is_string() ? arn.get<std::string>() : "*"};
}
std::vector<std::string> described(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, m::ExportArn);
  return {arn.is_string() ? arn.get<std::string>() : "*"};
}

AwsError outside(std::string_view member) {
  return {"InvalidExportTimeException", "The specified " + std::string(member) +
                                            " is outside of the point in time recovery window."};
}

void check_moment(int64_t moment, const char* member, std::pair<int64_t, int64_t> window) {
  if (moment < window.first / 1000 * 1000 || moment > window.second) throw outside(member);
}

// The times of an incremental export, with what was left out.
Json checked_span(const Json& asked, std::pair<int64_t, int64_t> window) {
  const Json& from = member_or_null(asked, m::ExportFromTime);
  if (from.is_null()) {
    throw errors::validation("ExportFromTime must be specified for an incremental export");
  }
  Json span = {{m::ExportFromTime, from},
               {m::ExportToTime, asked.value(m::ExportToTime, window.second)},
               {m::ExportViewType, asked.value(m::ExportViewType, "NEW_AND_OLD_IMAGES")}};
  const auto begin = from.get<int64_t>();
  const auto end = span[m::ExportToTime].get<int64_t>();
  if (end <= begin) throw errors::validation("ExportFromTime must be before ExportToTime");
  check_moment(begin, m::ExportFromTime, window);
  check_moment(end, m::ExportToTime, window);
  const Milliseconds length(end - begin);
  if (length < kShortestSpan || length > kLongestSpan) {
    throw errors::validation(
        "The export period must be at least 15 minutes and no longer than 24 hours");
  }
  return span;
}

std::string folder(const Transfer& transfer) {
  const std::string prefix = transfer.shown.value(m::S3Prefix, std::string());
  return (prefix.empty() ? prefix : prefix + "/") + "AWSDynamoDB/";
}

Json put_input(const Transfer& transfer, const std::string& key, const std::string& bytes) {
  Json input = {{"Bucket", transfer.shown.at(m::S3Bucket)},
                {"Key", key},
                {"Body", Json::binary({bytes.begin(), bytes.end()})}};
  const Json& owner = member_or_null(transfer.shown, m::S3BucketOwner);
  if (!owner.is_null()) input["ExpectedBucketOwner"] = owner;
  const Json& algorithm = member_or_null(transfer.shown, m::S3SseAlgorithm);
  input["ServerSideEncryption"] = algorithm == "KMS" ? "aws:kms" : "AES256";
  const Json& key_id = member_or_null(transfer.shown, m::S3SseKmsKeyId);
  if (!key_id.is_null()) input["SSEKMSKeyId"] = key_id;
  return input;
}

// manifest-summary.json
std::string summary(const ExportRun& run, const Transfer& transfer, int64_t end_ms) {
  const Json& shown = transfer.shown;
  nlohmann::ordered_json json;
  const auto time = [](const Json& ms) { return iso8601(ms.get<int64_t>()); };
  const auto text = [&](const char* name) -> nlohmann::ordered_json {
    const Json& value = member_or_null(shown, name);
    if (value.is_null()) return nullptr;
    return value.get<std::string>();
  };
  json["version"] = run.incremental() ? "2023-08-01" : "2020-06-30";
  json["exportArn"] = text(m::ExportArn);
  json["startTime"] = time(shown.at(m::StartTime));
  json["endTime"] = iso8601(end_ms);
  json["tableArn"] = text(m::TableArn);
  json["tableId"] = text(m::TableId);
  if (run.incremental()) {
    const Json& span = shown.at(m::IncrementalExportSpecification);
    json["exportFromTime"] = time(span.at(m::ExportFromTime));
    json["exportToTime"] = time(span.at(m::ExportToTime));
  } else {
    json["exportTime"] = time(shown.at(m::ExportTime));
  }
  json["s3Bucket"] = text(m::S3Bucket);
  json["s3Prefix"] = text(m::S3Prefix);
  json["s3SseAlgorithm"] = text(m::S3SseAlgorithm);
  json["s3SseKmsKeyId"] = text(m::S3SseKmsKeyId);
  json["manifestFilesS3Key"] = folder(transfer) + transfer.id + "/manifest-files.json";
  json["billedSizeBytes"] = run.billed_bytes;
  json["itemCount"] = run.items;
  json["outputFormat"] = "DYNAMODB_JSON";
  if (run.incremental()) {
    const Json& span = shown.at(m::IncrementalExportSpecification);
    json["outputView"] = span.at(m::ExportViewType).get<std::string>();
  }
  json["exportType"] = text(m::ExportType);
  return json.dump();
}

// A line of manifest-files.json
std::string file_line(const ExportPiece& piece, const std::string& key, const Json& answer) {
  std::string etag = answer.value("ETag", std::string());
  std::erase(etag, '"');
  nlohmann::ordered_json json;
  json["itemCount"] = piece.items;
  json["md5Checksum"] = to_base64(md5(piece.bytes));
  json["etag"] = etag;
  json["dataFileS3Key"] = key;
  return json.dump() + "\n";
}

}  // namespace exporting

std::vector<gateway::Operation> DynamoDb::export_operations() {
  using gateway::Access;
  const auto partial = gateway::Fidelity::partial("DYNAMODB_JSON alone; ION is refused");
  return {
      {"ExportTableToPointInTime", gateway::slow(this, &DynamoDb::export_table), Access::write,
       partial, "dynamodb:ExportTableToPointInTime", exporting::table, ""},
      {"DescribeExport", gateway::slow(this, &DynamoDb::describe_export), Access::read,
       gateway::Fidelity::full(), "dynamodb:DescribeExport", exporting::described, ""},
      {"ListExports", gateway::slow(this, &DynamoDb::list_exports), Access::read,
       gateway::Fidelity::full(), "dynamodb:ListExports", nullptr, ""},
  };
}

std::string DynamoDb::new_transfer_id(RealmId realm, const char* kind) {
  const std::string digits = std::to_string(platform_.world.now().ms);
  constexpr size_t kDigits = 14;
  return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits + "-" +
         platform_.ids.hex(realm, kind, 8);
}

std::optional<Transfer> DynamoDb::known_transfer(const Context& context, storage::Kind kind,
                                                 const Json& input, storage::Batch& batch) {
  const RealmId realm = context.realm->id;
  const int64_t now = platform_.world.now().ms;
  size_t running = 0;
  std::optional<Transfer> found;
  for (auto row = platform_.database.iterate_prefix(Family::meta, transfers_prefix(realm, kind));
       row.valid(); row.next()) {
    Transfer transfer = decode_transfer(realm, row.value());
    const bool under_way = transfer.under_way();
    running += under_way;
    const int64_t start = transfer.shown.at(m::StartTime);
    if (!under_way && start < now - Milliseconds(kTransferLife).count()) {
      batch.erase(Family::meta, row.key());
      continue;
    }
    const int64_t end = transfer.shown.value(m::EndTime, now);
    const Json& token = member_or_null(input, m::ClientToken);
    if (!token.is_null() && token == transfer.shown.at(m::ClientToken) &&
        end >= now - Milliseconds(kTransferTokenLife).count()) {
      found = std::move(transfer);
    }
  }
  const bool exports = kind == kExportKind;
  if (found && found->asked != input) {
    throw errors::transfer_conflict(exports ? "ExportConflictException"
                                            : "ImportConflictException");
  }
  if (!found && running >= (exports ? kMaxExportsUnderWay : kMaxImportsUnderWay)) {
    throw errors::too_many_transfers(exports ? "exports" : "imports");
  }
  return found;
}

Output DynamoDb::export_table(Context& context, Json input) {
  if (input.value(m::ExportFormat, "") == "ION") {
    throw errors::unsupported("ExportFormat ION", exporting::kOperation);
  }
  const auto arn = Arn::parse(input.at(m::TableArn).get_ref<const std::string&>());
  if (!arn) throw errors::invalid_table_arn(input.at(m::TableArn).get<std::string>());
  std::lock_guard change(catalog_.change_mutex());
  storage::Batch batch;
  if (const auto known = known_transfer(context, kExportKind, input, batch)) {
    return Json{{m::ExportDescription, known->shown}};
  }
  const TablePtr table = backup_table(context, input.at(m::TableArn));
  if (!table->settings.recovery.on) throw errors::recovery_is_off(table->name);
  const int64_t now = platform_.world.now().ms;
  const std::pair<int64_t, int64_t> window{recovery_window(*table).first, now};
  const bool incremental = input.value(m::ExportType, "") == "INCREMENTAL_EXPORT";
  const Json& span = member_or_null(input, m::IncrementalExportSpecification);
  const Json& moment = member_or_null(input, m::ExportTime);
  if (incremental ? !moment.is_null() : !span.is_null()) {
    throw errors::validation(
        incremental ? "ExportTime must not be specified for an incremental export"
                    : "IncrementalExportSpecification must not be specified for a full export");
  }
  const RealmId realm = context.realm->id;
  Transfer transfer;
  transfer.realm = realm;
  transfer.id = new_transfer_id(realm, "dynamodb-export");
  transfer.asked = input;
  transfer.shown = {{m::ExportArn, table->arn + "/export/" + transfer.id},
                    {m::ExportStatus, "IN_PROGRESS"},
                    {m::StartTime, now},
                    {m::TableArn, table->arn},
                    {m::TableId, table->id},
                    {m::S3SseAlgorithm, "AES256"},
                    {m::ExportFormat, "DYNAMODB_JSON"},
                    {m::ExportType, incremental ? "INCREMENTAL_EXPORT" : "FULL_EXPORT"}};
  for (const char* name : {m::S3Bucket, m::S3BucketOwner, m::S3Prefix, m::S3SseAlgorithm,
                           m::S3SseKmsKeyId, m::ClientToken}) {
    if (const Json& value = member_or_null(input, name); !value.is_null()) {
      transfer.shown[name] = value;
    }
  }
  if (!transfer.shown.contains(m::ClientToken)) {
    transfer.shown[m::ClientToken] = platform_.ids.uuid(realm, "dynamodb-export-token");
  }
  if (incremental) {
    transfer.shown[m::IncrementalExportSpecification] = exporting::checked_span(span, window);
  } else {
    if (!moment.is_null()) exporting::check_moment(moment, m::ExportTime, window);
    transfer.shown[m::ExportTime] = moment.is_null() ? Json(now) : moment;
  }
  transfer.account = context.account;
  transfer.region = context.region;
  transfer.principal = context.as_caller().principal_arn;
  transfer.table = table->name;
  transfer.incarnation = table->incarnation;
  transfer.number = platform_.database.reserve(realm, "dynamodb-scratch", 1);
  batch.put(Family::meta, transfer_key(realm, kExportKind, transfer.id), encode_transfer(transfer));
  context.commit(batch);
  Json answer = {{m::ExportDescription, transfer.shown}};
  start_export(std::move(transfer), table);
  return answer;
}

void DynamoDb::start_export(Transfer transfer, TablePtr table) {
  const std::string key = transfer_key(transfer.realm, kExportKind, transfer.id).bytes();
  auto run = std::make_shared<ExportRun>(platform_.database, std::move(transfer), table, stopping_);
  if (!transfer_runs_.begin(key, run)) return;
  auto activity = std::make_shared<Activity>(platform_.activities.begin("export"));
  asio::co_spawn(platform_.background, run_export(std::move(run), std::move(activity)),
                 asio::detached);
}

Task<Json> DynamoDb::put_export_file(std::shared_ptr<ExportRun> run, std::string key,
                                     std::string bytes) {
  Json input = exporting::put_input(run->transfer(), key, bytes);
  auto put = platform_.caller.call(run->transfer().identity(), "s3", "PutObject", std::move(input));
  co_return co_await std::move(put);
}

Task<void> DynamoDb::put_export_manifest(std::shared_ptr<ExportRun> run, std::string name,
                                         std::string text) {
  const std::string path =
      exporting::folder(run->transfer()) + run->transfer().id + "/manifest-" + name;
  std::string checksum = to_base64(md5(text));
  auto manifest = put_export_file(run, path + ".json", std::move(text));
  co_await std::move(manifest);
  auto sum = put_export_file(run, path + ".md5", std::move(checksum));
  co_await std::move(sum);
}

Task<void> DynamoDb::export_pieces(std::shared_ptr<ExportRun> run) {
  const std::string folder = exporting::folder(run->transfer());
  const std::string own = folder + run->transfer().id + "/";
  auto started = put_export_file(run, own + "_started", "");
  co_await std::move(started);
  auto preparing = platform_.work.run([run] {
    run->prepare();
    return true;
  });
  co_await std::move(preparing);
  for (;;) {
    auto reading = platform_.work.run([run] { return run->next_piece(); });
    const std::shared_ptr<ExportPiece> piece = co_await std::move(reading);
    if (!piece || stopping_) break;
    const std::string key =
        (run->incremental() ? folder : own) + "data/" +
        platform_.ids.base36(run->transfer().realm, "dynamodb-export-file", 26) + ".json.gz";
    auto put = put_export_file(run, key, piece->bytes);
    const Json answer = co_await std::move(put);
    run->files += exporting::file_line(*piece, key, answer);
  }
  auto files = put_export_manifest(run, "files", run->files);
  co_await std::move(files);
  std::string text = exporting::summary(*run, run->transfer(), platform_.world.now().ms);
  auto summary = put_export_manifest(run, "summary", std::move(text));
  co_await std::move(summary);
}

Task<void> DynamoDb::run_export(std::shared_ptr<ExportRun> run,
                                std::shared_ptr<Activity> activity) {
  TransferFailure failure;
  try {
    auto pieces = export_pieces(run);
    co_await std::move(pieces);
  } catch (const AwsError& error) {
    failure = failure_of(error);
  } catch (const std::exception& error) {
    failure.code = "UNKNOWN";
    failure.message = error.what();
  }
  auto ending = platform_.work.run([this, run, failure] {
    end_export(*run, failure);
    return true;
  });
  co_await std::move(ending);
  activity.reset();
}

// On a work thread.
void DynamoDb::end_export(ExportRun& run, const TransferFailure& failure) {
  Transfer& transfer = run.transfer();
  const std::string key = transfer_key(transfer.realm, kExportKind, transfer.id).bytes();
  try {
    if (!stopping_) {
      run.clean_up();
      transfer.shown[m::EndTime] = platform_.world.now().ms;
      transfer.shown[m::ExportStatus] = failure.code.empty() ? "COMPLETED" : "FAILED";
      if (failure.code.empty()) {
        transfer.shown[m::ExportManifest] =
            exporting::folder(transfer) + transfer.id + "/manifest-summary.json";
        transfer.shown[m::ItemCount] = run.items;
        transfer.shown[m::BilledSizeBytes] = run.billed_bytes;
      } else {
        transfer.shown[m::FailureCode] = failure.code;
        transfer.shown[m::FailureMessage] = failure.message;
      }
      storage::Batch batch;
      batch.put(Family::meta, key, encode_transfer(transfer));
      platform_.database.commit(batch);
    }
  } catch (const storage::DeadRealm&) {
    // Reset meanwhile: the export is gone with its realm.
  } catch (const std::exception& error) {
    platform_.log.error("dynamodb: an export of table " + transfer.table +
                        " could not be ended: " + error.what());
  }
  run.drop_snapshot();
  transfer_runs_.end(key);
}

// Begins again what the end of the process cut short. Without its table, or the log back to its
// time, it fails.
void DynamoDb::resume_export(Transfer transfer) {
  const TablePtr table = catalog_.find(transfer.realm, transfer.table);
  const bool there = table && table->incarnation == transfer.incarnation;
  const Json& span = member_or_null(transfer.shown, m::IncrementalExportSpecification);
  const int64_t from =
      span.is_null() ? transfer.shown.at(m::ExportTime) : span.at(m::ExportFromTime);
  if (there && table->settings.recovery.on &&
      from >= table->settings.recovery.since_ms / 1000 * 1000) {
    start_export(std::move(transfer), table);
    return;
  }
  transfer.shown[m::EndTime] = platform_.world.now().ms;
  transfer.shown[m::ExportStatus] = "FAILED";
  transfer.shown[m::FailureCode] = "UNKNOWN";
  transfer.shown[m::FailureMessage] = "The table or its point in time recovery is gone.";
  storage::Batch batch;
  batch.put(Family::meta, transfer_key(transfer.realm, kExportKind, transfer.id),
            encode_transfer(transfer));
  platform_.database.commit(batch);
}

// Looked for among those that run before its row is read: so one that ends meanwhile is seen ended.
std::optional<Transfer> DynamoDb::find_export(RealmId realm, std::string_view id) {
  const auto key = transfer_key(realm, kExportKind, id);
  const bool runs = transfer_runs_.has(key.bytes());
  const auto read = [&]() -> std::optional<Transfer> {
    const auto row = platform_.database.get(Family::meta, key);
    if (!row) return std::nullopt;
    return decode_transfer(realm, *row);
  };
  auto transfer = read();
  if (!transfer || runs || !transfer->under_way()) return transfer;
  resume_export(std::move(*transfer));
  return read();
}

Output DynamoDb::describe_export(Context& context, Json input) {
  const std::string arn = input.at(m::ExportArn);
  const auto transfer = find_export(context.realm->id, arn.substr(arn.rfind('/') + 1));
  if (!transfer || transfer->shown.at(m::ExportArn) != arn) {
    throw AwsError("ExportNotFoundException", "Export not found: " + arn);
  }
  return Json{{m::ExportDescription, transfer->shown}};
}

Output DynamoDb::list_exports(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string_view table = text_member(input, m::TableArn);
  const size_t limit = input.value(m::MaxResults, exporting::kPage);
  const auto prefix = transfers_prefix(realm, kExportKind);
  std::string begin = prefix.bytes();
  if (const std::string_view token = text_member(input, m::NextToken); !token.empty()) {
    const std::string id = token_id(token);
    if (id.empty()) throw errors::validation("Invalid NextToken");
    begin = transfer_key(realm, kExportKind, id).bytes() + '\0';
  }
  Json output = {{m::ExportSummaries, Json::array()}};
  std::string last;
  for (auto row = platform_.database.iterate(Family::meta, begin, storage::prefix_end(prefix));
       row.valid(); row.next()) {
    Transfer transfer = decode_transfer(realm, row.value());
    if (!table.empty() && transfer.shown.at(m::TableArn) != table) continue;
    if (output[m::ExportSummaries].size() == limit) {
      output[m::NextToken] = token_of(last);
      break;
    }
    last = transfer.id;
    if (transfer.under_way()) transfer = find_export(realm, last).value_or(transfer);
    output[m::ExportSummaries].push_back({{m::ExportArn, transfer.shown.at(m::ExportArn)},
                                          {m::ExportStatus, transfer.shown.at(m::ExportStatus)},
                                          {m::ExportType, transfer.shown.at(m::ExportType)}});
  }
  return output;
}

}  // namespace paddock::services::dynamodb
