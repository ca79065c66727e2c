// API keys
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-keys.html).
#include <algorithm>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/plans.hpp"
#include "services/apigateway/usage.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace api_keys_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

void check_name(const std::string& name) {
  if (name.size() > kMaxName) {
    throw errors::bad_request("Invalid API Key name, can be at most 1024 characters.");
  }
}

void check_value(const std::string& value) {
  if (value.size() > kMaxKeyValue) {
    throw errors::bad_request("API Key value exceeds maximum size of 128 characters");
  }
  if (value.size() < kMinKeyValue) {
    throw errors::bad_request("API Key value should be at least 20 characters");
  }
}

void check_description(const std::string& text) {
  if (text.size() > kMaxKeyDescription) {
    throw errors::bad_request("Invalid API Key description specified.");
  }
}

// Stages by "api/stage", of old: keys of an API that knows no usage plans.
std::string stage_key_of(const Control& control, const Context& context, const std::string& api,
                         const std::string& stage) {
  if (!control.store.stage(context.realm->id, api, stage)) {
    throw errors::bad_request("Invalid stage identifier specified");
  }
  return api + "/" + stage;
}

Json new_key(Control& control, const Context& context, const Json& input) {
  std::string name = input.value(m::name, "");
  std::string value = input.value(m::value, "");
  check_name(name);
  if (!value.empty()) check_value(value);
  check_description(input.value(m::description, ""));
  int64_t now = control.now_seconds();
  // AWS's ids have 10 characters, its values 40.
  Json key = {{m::id, control.new_id(context, "api-key", 10)},
              {m::value, value},
              {m::enabled, input.value(m::enabled, false)},
              {m::createdDate, now},
              {m::lastUpdatedDate, now},
              {m::stageKeys, Json::array()},
              {kNumber, control.next_number(context, "api-key")}};
  if (value.empty()) {
    key[m::value] =
        control.new_id(context, "api-key-value", 32) + control.new_id(context, "api-key-value", 8);
  }
  for (const char* member : {m::name, m::description, m::customerId, m::tags}) {
    if (input.contains(member) && !input[member].empty() && input[member] != "") {
      key[member] = input[member];
    }
  }
  const Json stages = input.value(m::stageKeys, Json::array());
  for (const auto& stage : stages) {
    key[m::stageKeys].push_back(stage_key_of(control, context, stage.value(m::restApiId, ""),
                                             stage.value(m::stageName, "")));
  }
  return key;
}

// Throws if another key has this value. Within the lock of keys.
void add_key(Control& control, const Context& context, storage::Batch& batch, const Json& key) {
  RealmId realm = context.realm->id;
  std::string value = key[m::value];
  if (control.store.row(realm, kApiKeyValueKind, {value})) {
    throw errors::conflict("API Key already exists");
  }
  std::string id = key[m::id];
  control.store.put_row(batch, realm, kApiKeyKind, {id}, key);
  control.store.put_row(batch, realm, kApiKeyValueKind, {value}, {{m::id, id}});
}

enum class Values { shown, hidden };

// A key as answers show it. Single keys show their tags, present or not.
Json key_view(Json key, Values values) {
  key.erase(kNumber);
  if (values == Values::hidden) key.erase(m::value);
  return key;
}

Json load_key(const Control& control, const Context& context, const std::string& id) {
  auto key = control.store.row(context.realm->id, kApiKeyKind, {id});
  if (!key) throw errors::no_such_api_key();
  return *std::move(key);
}

Output create_api_key(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kApiKeyKind, "");
  if (control.store.rows(context.realm->id, kApiKeyKind, {}).size() >= kMaxApiKeys) {
    throw errors::limit_exceeded("Maximum number of API keys has been reached.");
  }
  Json key = new_key(control, context, input);
  storage::Batch batch;
  add_key(control, context, batch, key);
  context.commit(batch);
  return key_view(std::move(key), Values::shown);
}

Output get_api_key(Control& control, Context& context, Json input) {
  Json key = load_key(control, context, input[m::apiKey]);
  if (!key.contains(m::tags)) key[m::tags] = Json::object();
  return key_view(std::move(key),
                  input.value(m::includeValue, false) ? Values::shown : Values::hidden);
}

Output get_api_keys(Control& control, Context& context, Json input) {
  std::vector<Json> keys = control.store.rows(context.realm->id, kApiKeyKind, {});
  newest_first(keys);
  Values values = input.value(m::includeValues, false) ? Values::shown : Values::hidden;
  std::string query = input.value(m::nameQuery, "");
  std::string customer = input.value(m::customerId, "");
  Json items = Json::array();
  for (auto& key : keys) {
    if (!key.value(m::name, "").starts_with(query)) continue;
    if (!customer.empty() && key.value(m::customerId, "") != customer) continue;
    items.push_back(key_view(std::move(key), values));
  }
  if (input.value(m::limit, int64_t{1}) < 1) input.erase(m::limit);  // AWS takes it for none
  return page_of(std::move(items), input);
}

Output update_api_key(Control& control, Context& context, Json input) {
  static const NamedRules kStages{{"/stages", {Kind::ignored}}, {"/labels", {Kind::ignored}}};
  static const NamedPatches kRules{{{"/description", {Kind::text, check_description}},
                                    {"/enabled", {Kind::boolean}},
                                    {"/name", {Kind::text, check_name}},
                                    {"/customerId", {Kind::text}}},
                                   kStages,
                                   kStages};
  std::string id = input[m::apiKey];
  auto lock = control.lock_row(context, kApiKeyKind, "");
  Json key = load_key(control, context, id);
  apply_named_patches(key, input.value(m::patchOperations, Json()), kRules);
  for (const Patch& patch : raw_patches(input.value(m::patchOperations, Json()))) {
    if (patch.path != "/stages") continue;
    size_t slash = patch.value.find('/');
    if (slash == std::string::npos) throw errors::bad_request("Invalid stage key specified");
    std::string stage =
        stage_key_of(control, context, patch.value.substr(0, slash), patch.value.substr(slash + 1));
    Patch one = patch;
    one.parts = {m::stageKeys};
    one.value = stage;
    apply_patch(key, one, {Kind::list_value});
  }
  for (const char* member : {m::name, m::description, m::customerId}) {
    if (key.value(member, "").empty()) key.erase(member);
  }
  key[m::lastUpdatedDate] = control.now_seconds();
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kApiKeyKind, {id}, key);
  context.commit(batch);
  if (!key.contains(m::tags)) key[m::tags] = Json::object();
  return key_view(std::move(key), Values::hidden);
}

Output delete_api_key(Control& control, Context& context, Json input) {
  std::string id = input[m::apiKey];
  auto lock = control.lock_row(context, kApiKeyKind, "");
  Json key = load_key(control, context, id);
  RealmId realm = context.realm->id;
  storage::Batch batch;
  control.store.erase_row(batch, realm, kApiKeyKind, {id});
  control.store.erase_row(batch, realm, kApiKeyValueKind, {key[m::value].get<std::string>()});
  for (const auto& link : control.store.rows(realm, kPlanOfKeyKind, {id})) {
    std::string plan = link[m::usagePlanId];
    control.store.erase_row(batch, realm, kUsagePlanKeyKind, {plan, id});
    if (control.counters != nullptr) control.counters->forget(batch, realm, plan, id);
  }
  control.store.erase_rows(batch, realm, kPlanOfKeyKind, {id});
  context.commit(batch);
  return Json::object();
}

// One line of the file format of ImportApiKeys, its quotes taken off.
std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[++i];
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else if (line[i] != '\r') {
      fields.back() += line[i];
    }
  }
  for (auto& field : fields) field = std::string(trim(field));
  return fields;
}

// A line's members by the header's names.
Json key_of_line(const std::vector<std::string>& header, const std::vector<std::string>& fields) {
  Json input = Json::object();
  for (size_t i = 0; i < fields.size() && i < header.size(); ++i) {
    if (fields[i].empty()) continue;
    if (header[i] == "name") input[m::name] = fields[i];
    if (header[i] == "key") input[m::value] = fields[i];
    if (header[i] == "description") input[m::description] = fields[i];
    if (header[i] == "enabled") input[m::enabled] = to_lower(fields[i]) == "true";
    if (header[i] == "usageplanids") {
      for (auto plan : split(fields[i], ',')) input["plans"].push_back(std::string(trim(plan)));
    }
  }
  return input;
}

struct CsvKeys {
  std::vector<Json> inputs;
  Json warnings = Json::array();
};

CsvKeys parse_csv(const std::string& body) {
  std::vector<std::string_view> lines = split(body, '\n');
  std::vector<std::string> header = csv_fields(lines[0]);
  for (auto& name : header) name = to_lower(name);
  bool complete = std::find(header.begin(), header.end(), "name") != header.end() &&
                  std::find(header.begin(), header.end(), "key") != header.end();
  if (!complete) {
    throw errors::bad_request("Missing required columns in the API keys file: Name, key");
  }
  CsvKeys keys;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (trim(lines[i]).empty() || lines[i] == "\r") continue;
    if (keys.inputs.size() >= kMaxApiKeys) {
      throw errors::limit_exceeded("Maximum number of API keys has been reached.");
    }
    keys.inputs.push_back(key_of_line(header, csv_fields(lines[i])));
    if (!keys.inputs.back().contains(m::value)) {
      keys.warnings.push_back("Line " + std::to_string(i + 1) +
                              ": no key value, one was generated");
    }
  }
  return keys;
}

Output import_api_keys(Control& control, Context& context, Json input) {
  const auto& bytes = input[m::body].get_binary();
  CsvKeys keys = parse_csv(std::string(bytes.begin(), bytes.end()));
  if (input.value(m::failOnWarnings, false) && !keys.warnings.empty()) {
    throw errors::bad_request("Warnings found during import: " +
                              keys.warnings[0].get<std::string>());
  }
  auto lock = control.lock_row(context, kApiKeyKind, "");
  storage::Batch batch;
  Json ids = Json::array();
  std::vector<std::string> values;
  for (const Json& line : keys.inputs) {
    Json key = new_key(control, context, line);
    add_key(control, context, batch, key);
    std::string value = key[m::value];
    if (std::find(values.begin(), values.end(), value) != values.end()) {
      throw errors::conflict("API Key already exists");
    }
    values.push_back(value);
    const Json plans = line.value("plans", Json::array());
    for (const auto& plan : plans) {
      add_key_to_plan(control, context, batch, plan, key);
    }
    ids.push_back(key[m::id]);
  }
  context.commit(batch);
  return Json{{m::ids, std::move(ids)}, {m::warnings, std::move(keys.warnings)}};
}

}  // namespace api_keys_detail

void newest_first(std::vector<Json>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Json& a, const Json& b) {
    return a.value(kNumber, int64_t{0}) > b.value(kNumber, int64_t{0});
  });
}

std::vector<ControlRow> api_key_rows() {
  namespace d = api_keys_detail;
  return {
      {"CreateApiKey", d::create_api_key, "apigateway:POST"},
      {"GetApiKey", d::get_api_key, "apigateway:GET"},
      {"GetApiKeys", d::get_api_keys, "apigateway:GET"},
      {"UpdateApiKey", d::update_api_key, "apigateway:PATCH"},
      {"DeleteApiKey", d::delete_api_key, "apigateway:DELETE"},
      {"ImportApiKeys", d::import_api_keys, "apigateway:POST"},
  };
}

}  // namespace paddock::services::apigateway
