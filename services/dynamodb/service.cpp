#include "services/dynamodb/service.hpp"

#include <algorithm>

#include "core/arn.hpp"
#include "core/task.hpp"
#include "events/log_sequencer.hpp"
#include "models/dynamodb.hpp"
#include "models/dynamodbstreams.hpp"
#include "options.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request_layer.hpp"
#include "services/dynamodb/wiring.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
namespace ms = models::dynamodbstreams_members;
using gateway::Access;
using gateway::Fidelity;
using gateway::Operation;

namespace wiring {

constexpr std::string_view kNoReplicas =
    "replicas and resource policies are not emulated; encryption is shown, not done";
constexpr std::string_view kOneShard = "one shard is open at a time";

std::string_view code_namespace(std::string_view code) {
  if (code == "ValidationException") return "com.amazon.coral.validate#";
  // Raised by the front end of AWS rather than by DynamoDB.
  for (const std::string_view front :
       {"SerializationException", "UnknownOperationException",
        "MissingAuthenticationTokenException", "InvalidSignatureException",
        "IncompleteSignatureException", "UnrecognizedClientException", "AccessDeniedException",
        "ExpiredTokenException", "InternalFailure"}) {
    if (code == front) return "com.amazon.coral.service#";
  }
  return "com.amazonaws.dynamodb.v20120810#";
}

std::string_view message_member(std::string_view code) {
  const bool upper = code == "SerializationException" || code == "AccessDeniedException" ||
                     code == "TransactionCanceledException" ||
                     code == "TransactionInProgressException" ||
                     code == "IdempotentParameterMismatchException";
  return upper ? "Message" : "message";
}

std::string table_arn(const gateway::RequestContext& context, std::string_view name) {
  if (name.starts_with("arn:")) return std::string(name);
  return make_arn("dynamodb", context.region, context.account, "table/" + std::string(name));
}

std::vector<std::string> table(const gateway::RequestContext& context, const Json& input) {
  const Json& name = member_or_null(input, m::TableName);
  if (!name.is_string()) return {"*"};
  return {table_arn(context, name.get_ref<const std::string&>())};
}

// Query and Scan of an index are allowed or not on the index.
std::vector<std::string> table_or_index(const gateway::RequestContext& context, const Json& input) {
  auto arns = table(context, input);
  const Json& index = member_or_null(input, m::IndexName);
  if (index.is_string()) arns.front() += "/index/" + index.get<std::string>();
  return arns;
}

std::vector<std::string> batch_tables(const gateway::RequestContext& context, const Json& input) {
  std::vector<std::string> arns;
  const Json& requests = member_or_null(input, m::RequestItems);
  if (requests.is_object()) {
    for (const auto& [name, request] : requests.items()) arns.push_back(table_arn(context, name));
  }
  return arns;
}

std::vector<std::string> transaction_tables(const gateway::RequestContext& context,
                                            const Json& input) {
  std::vector<std::string> arns;
  const Json& requests = member_or_null(input, m::TransactItems);
  if (!requests.is_array()) return arns;
  for (const Json& request : requests) {
    if (!request.is_object()) continue;
    for (const auto& [kind, action] : request.items()) {
      const Json& name = member_or_null(action, m::TableName);
      if (name.is_string()) arns.push_back(table_arn(context, name.get_ref<const std::string&>()));
    }
  }
  std::sort(arns.begin(), arns.end());
  arns.erase(std::unique(arns.begin(), arns.end()), arns.end());
  return arns;
}

std::vector<std::string> tagged(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, m::ResourceArn);
  return {arn.is_string() ? arn.get<std::string>() : "*"};
}

std::vector<std::string> stream(const gateway::RequestContext&, const Json& input) {
  const Json& arn = member_or_null(input, ms::StreamArn);
  if (arn.is_string()) return {arn.get<std::string>()};
  const Json& iterator = member_or_null(input, ms::ShardIterator);
  if (!iterator.is_string()) return {"*"};
  const auto& text = iterator.get_ref<const std::string&>();
  return {text.substr(0, text.find('|'))};
}

}  // namespace wiring

DynamoDb::DynamoDb(gateway::Platform& platform)
    : platform_(platform),
      trails_(platform.database, platform.world, platform.sequencer, platform.scheduler),
      shards_(platform.world, platform.sequencer, platform.database, platform.ids),
      lag_(platform.world),
      throttle_(platform),
      writer_(platform.world, platform.sequencer, platform.timeline, trails_, shards_, lag_),
      tokens_(platform.database, platform.world),
      records_(platform.database, storage::Family::log),
      catalog_(platform, shards_) {
  gateway::Api tables;
  tables.model = &models::dynamodb;
  tables.operations = table_operations();
  for (auto more : {item_operations(), time_to_live_operations(), backup_operations(),
                    policy_operations(), unconfigured_operations(), statement_operations(),
                    export_operations(), import_operations()}) {
    for (Operation& operation : more) tables.operations.push_back(std::move(operation));
  }
  tables.error_style = {wiring::code_namespace, wiring::message_member, true, true};
  tables.invalid = invalid_request;
  gateway::Api streams = tables;
  streams.model = &models::dynamodbstreams;
  streams.operations = stream_operations();
  apis_.push_back(std::move(tables));
  apis_.push_back(std::move(streams));

  lag_.set(platform.options.dynamodb_read_lag_ms, platform.options.dynamodb_index_lag_ms);
  throttle_.set(platform.options.limits);
  platform_.log_sources.add("dynamodb", *this);
  platform_.sequencer.on_readable([this](const std::string& log) {
    constexpr size_t kKindAt = sizeof(RealmId);
    if (log.size() > kKindAt && static_cast<uint8_t>(log[kKindAt]) == kRecordKind) {
      notify_stream(log);
    }
  });
  platform_.scheduler.handle("dynamodb:trim", [this](const events::Timer& timer) { trim(timer); });
  platform_.scheduler.handle(kExpireTarget, [this](const events::Timer& timer) { expire(timer); });
  platform_.scheduler.handle(kBackupTarget,
                             [this](const events::Timer& timer) { expire_backup(timer); });
  platform_.scheduler.handle(kUndoTarget, [this](const events::Timer& timer) { trim_undo(timer); });
  catalog_.on_unfinished([this](TablePtr table) { finish_in_background(std::move(table)); });
}

std::vector<Operation> DynamoDb::table_operations() {
  const auto partial = Fidelity::partial(wiring::kNoReplicas);
  return {
      {"CreateTable", gateway::slow(this, &DynamoDb::create_table), Access::write, partial,
       "dynamodb:CreateTable", wiring::table, m::TableName},
      {"DescribeTable", gateway::plain(this, &DynamoDb::describe_table), Access::read,
       Fidelity::full(), "dynamodb:DescribeTable", wiring::table, m::TableName},
      {"ListTables",
       gateway::plain(this, &DynamoDb::list_tables),
       Access::read,
       Fidelity::full(),
       "dynamodb:ListTables",
       nullptr,
       {}},
      {"UpdateTable", gateway::slow(this, &DynamoDb::update_table), Access::write, partial,
       "dynamodb:UpdateTable", wiring::table, m::TableName},
      {"DeleteTable", gateway::slow(this, &DynamoDb::delete_table), Access::write, Fidelity::full(),
       "dynamodb:DeleteTable", wiring::table, m::TableName},
      {"TagResource",
       gateway::slow(this, &DynamoDb::tag_resource),
       Access::write,
       Fidelity::full(),
       "dynamodb:TagResource",
       wiring::tagged,
       {}},
      {"UntagResource",
       gateway::slow(this, &DynamoDb::untag_resource),
       Access::write,
       Fidelity::full(),
       "dynamodb:UntagResource",
       wiring::tagged,
       {}},
      {"ListTagsOfResource",
       gateway::plain(this, &DynamoDb::list_tags),
       Access::read,
       Fidelity::full(),
       "dynamodb:ListTagsOfResource",
       wiring::tagged,
       {}},
      {"DescribeLimits",
       gateway::plain(this, &DynamoDb::describe_limits),
       Access::read,
       Fidelity::partial("the default quotas, which are not enforced"),
       "dynamodb:DescribeLimits",
       nullptr,
       {}},
      {"DescribeEndpoints",
       gateway::plain(this, &DynamoDb::describe_endpoints),
       Access::read,
       Fidelity::full(),
       "dynamodb:DescribeEndpoints",
       nullptr,
       {}},
  };
}

std::vector<Operation> DynamoDb::item_operations() {
  const auto full = Fidelity::full();
  return {
      {"PutItem", gateway::plain(this, &DynamoDb::put_item), Access::write, full,
       "dynamodb:PutItem", wiring::table, m::TableName,
       gateway::raw(this, &DynamoDb::put_item_text)},
      {"GetItem", gateway::plain(this, &DynamoDb::get_item), Access::read, full, "dynamodb:GetItem",
       wiring::table, m::TableName, gateway::raw(this, &DynamoDb::get_item_text)},
      {"UpdateItem", gateway::plain(this, &DynamoDb::update_item), Access::write, full,
       "dynamodb:UpdateItem", wiring::table, m::TableName,
       gateway::raw(this, &DynamoDb::update_item_text)},
      {"DeleteItem", gateway::plain(this, &DynamoDb::delete_item), Access::write, full,
       "dynamodb:DeleteItem", wiring::table, m::TableName,
       gateway::raw(this, &DynamoDb::delete_item_text)},
      {"Query", gateway::plain(this, &DynamoDb::query), Access::read, full, "dynamodb:Query",
       wiring::table_or_index, m::TableName, gateway::raw(this, &DynamoDb::query_text)},
      {"Scan", gateway::slow(this, &DynamoDb::scan), Access::read, full, "dynamodb:Scan",
       wiring::table_or_index, m::TableName},
      {"BatchGetItem",
       gateway::plain(this, &DynamoDb::batch_get_item),
       Access::read,
       full,
       "dynamodb:BatchGetItem",
       wiring::batch_tables,
       {}},
      {"BatchWriteItem",
       gateway::plain(this, &DynamoDb::batch_write_item),
       Access::write,
       full,
       "dynamodb:BatchWriteItem",
       wiring::batch_tables,
       {},
       gateway::raw(this, &DynamoDb::batch_write_item_text)},
      {"TransactWriteItems",
       gateway::plain(this, &DynamoDb::transact_write_items),
       Access::write,
       Fidelity::full(),
       "dynamodb:PutItem",
       wiring::transaction_tables,
       {},
       gateway::raw(this, &DynamoDb::transact_write_items_text)},
      {"TransactGetItems",
       gateway::plain(this, &DynamoDb::transact_get_items),
       Access::read,
       Fidelity::full(),
       "dynamodb:GetItem",
       wiring::transaction_tables,
       {}},
  };
}

std::vector<Operation> DynamoDb::stream_operations() {
  const auto partial = Fidelity::partial(wiring::kOneShard);
  return {
      {"ListStreams", gateway::plain(this, &DynamoDb::list_streams), Access::read, Fidelity::full(),
       "dynamodb:ListStreams", nullptr, ms::TableName},
      {"DescribeStream",
       gateway::plain(this, &DynamoDb::describe_stream),
       Access::read,
       partial,
       "dynamodb:DescribeStream",
       wiring::stream,
       {}},
      {"GetShardIterator",
       gateway::plain(this, &DynamoDb::get_shard_iterator),
       Access::read,
       partial,
       "dynamodb:GetShardIterator",
       wiring::stream,
       {}},
      {"GetRecords",
       gateway::plain(this, &DynamoDb::get_records),
       Access::read,
       partial,
       "dynamodb:GetRecords",
       wiring::stream,
       {}},
  };
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<DynamoDb>(platform);
}

std::vector<std::string> DynamoDb::resources(const Realm& realm) const {
  constexpr size_t kMostShown = 1000;
  std::vector<std::string> arns;
  for (const auto& name : catalog_.names(realm.id, "", kMostShown)) {
    arns.push_back(make_arn("dynamodb", realm.region, realm.account, "table/" + name));
  }
  return arns;
}

}  // namespace paddock::services::dynamodb
