#include "services/dynamodb/table_settings.hpp"

namespace paddock::services::dynamodb {

Json settings_json(const TableSettings& settings) {
  const TimeToLive& ttl = settings.ttl;
  const Recovery& recovery = settings.recovery;
  Json json = {
      {"ttl",
       {{"attribute", ttl.attribute},
        {"generation", ttl.generation},
        {"changed", ttl.changed_ms},
        {"filling", ttl.filling}}},
      {"recovery", {{"on", recovery.on}, {"since", recovery.since_ms}, {"days", recovery.days}}}};
  Json& policies = json["policies"] = Json::object();
  for (const auto& [resource, policy] : settings.policies) {
    policies[resource] = {policy.document, policy.revision};
  }
  const Restore& restore = settings.restore;
  if (restore.under_way()) {
    json["restore"] = {{"from", static_cast<int>(restore.from)},
                       {"number", restore.number},
                       {"backup", restore.backup_arn},
                       {"table", restore.source_table_arn},
                       {"moment", restore.moment_ms},
                       {"import", restore.import_id}};
  }
  return json;
}

TableSettings settings_from(const Json& json) {
  TableSettings settings;
  const Json& ttl = json.at("ttl");
  settings.ttl.attribute = ttl.at("attribute").get<std::string>();
  settings.ttl.generation = ttl.at("generation").get<uint32_t>();
  settings.ttl.changed_ms = ttl.at("changed").get<int64_t>();
  settings.ttl.filling = ttl.at("filling").get<bool>();
  const Json& recovery = json.at("recovery");
  settings.recovery.on = recovery.at("on").get<bool>();
  settings.recovery.since_ms = recovery.at("since").get<int64_t>();
  settings.recovery.days = recovery.at("days").get<int64_t>();
  const Json& policies = json.at("policies");
  for (const auto& [resource, policy] : policies.items()) {
    settings.policies[resource] = {policy.at(0).get<std::string>(),
                                   policy.at(1).get<std::string>()};
  }
  if (const auto restore = json.find("restore"); restore != json.end()) {
    settings.restore.from = static_cast<Restore::From>(restore->at("from").get<int>());
    settings.restore.number = restore->at("number").get<uint64_t>();
    settings.restore.backup_arn = restore->at("backup").get<std::string>();
    settings.restore.source_table_arn = restore->at("table").get<std::string>();
    settings.restore.moment_ms = restore->at("moment").get<int64_t>();
    settings.restore.import_id = restore->value("import", std::string());
  }
  return settings;
}

}  // namespace paddock::services::dynamodb
