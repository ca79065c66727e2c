// The account's settings, and tags of all that can have them.
#include <array>
#include <functional>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace account_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json load_account(const Control& control, const Context& context) {
  Json account = {{m::apiKeyVersion, "4"},
                  {m::features, {"UsagePlans"}},
                  {m::throttleSettings, {{m::burstLimit, 5000}, {m::rateLimit, 10000.0}}}};
  if (auto row = control.store.row(context.realm->id, kRecordKind, {kAccount}))
    account.update(*row);
  return account;
}

Output get_account(Control& control, Context& context, Json) {
  return load_account(control, context);
}

void check_role(const std::string& role) {
  if (role.empty()) return;
  auto arn = Arn::parse(role);
  if (!arn || arn->service != "iam") {
    throw errors::bad_request("Invalid ARN specified in the request");
  }
}

Output update_account(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/cloudwatchRoleArn", {Kind::text, check_role}}},
                                   {{"/features", {Kind::list_value}}},
                                   {{"/features", {Kind::list_value}}}};
  auto lock = control.lock_row(context, kRecordKind, "");
  Json account = load_account(control, context);
  apply_named_patches(account, input.value(m::patchOperations, Json()), kRules);
  if (account.value(m::cloudwatchRoleArn, "").empty()) account.erase(m::cloudwatchRoleArn);
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kRecordKind, {kAccount}, account);
  context.commit(batch);
  return account;
}

// What an ARN names: where its tags are, and how they are written back.
struct Tagged {
  Json document;
  std::function<void(storage::Batch&, const Json&)> put;
};

struct TaggedKind {
  std::string_view folder;
  storage::Kind kind;
  AwsError (*unknown)();
};

AwsError no_such_tagged() {
  return errors::not_found("Invalid resource identifier specified");
}

const std::array<TaggedKind, 5>& tagged_kinds() {
  static const std::array<TaggedKind, 5> kKinds{
      {{"apikeys", kApiKeyKind, errors::no_such_api_key},
       {"usageplans", kUsagePlanKind, errors::no_such_usage_plan},
       {"clientcertificates", kRecordKind, no_such_tagged},
       {"vpclinks", kRecordKind, errors::no_such_vpc_link},
       {"domainnames", kDomainNameKind, errors::no_such_domain_name}}};
  return kKinds;
}

// "/restapis/ID", "/restapis/ID/stages/NAME", "/usageplans/ID" …
std::vector<std::string> parts_of_arn(const Json& input) {
  auto arn = Arn::parse(url_decode(input.at(m::resourceArn).get<std::string>()));
  if (!arn || arn->service != "apigateway" || !arn->resource.starts_with('/')) {
    throw errors::bad_request("Invalid ARN specified in the request");
  }
  std::vector<std::string> parts;
  for (std::string_view part : split(std::string_view(arn->resource).substr(1), '/')) {
    parts.emplace_back(part);
  }
  return parts;
}

// The key of what an ARN names: the lock for its changes.
std::pair<storage::Kind, std::string> lock_of(const std::vector<std::string>& parts) {
  if (parts.size() >= 2 && parts[0] == "restapis") return {kRestApiKind, parts[1]};
  for (const TaggedKind& one : tagged_kinds()) {
    // Keys and plans are changed under one lock, the others under one for their kind.
    bool is_plan = one.kind == kUsagePlanKind;
    if (parts.size() == 2 && parts[0] == one.folder) return {is_plan ? kApiKeyKind : one.kind, ""};
  }
  throw errors::bad_request("Invalid ARN specified in the request");
}

Tagged load_tagged(const Control& control, const Context& context,
                   const std::vector<std::string>& parts) {
  RealmId realm = context.realm->id;
  const Store& store = control.store;
  Tagged tagged;
  if (parts[0] == "restapis") {
    tagged.document = control.load_api(context, {{m::restApiId, parts[1]}});
    tagged.put = [&store, realm](storage::Batch& batch, const Json& api) {
      store.put_api(batch, realm, api);
    };
    if (parts.size() == 2) return tagged;
    auto stage = parts.size() == 4 && parts[2] == "stages" ? store.stage(realm, parts[1], parts[3])
                                                           : std::nullopt;
    if (!stage) throw errors::no_such_stage();
    tagged.document = *std::move(stage);
    tagged.put = [&store, realm, api = parts[1]](storage::Batch& batch, const Json& document) {
      store.put_stage(batch, realm, api, document);
    };
    return tagged;
  }
  for (const TaggedKind& one : tagged_kinds()) {
    if (one.folder != parts[0]) continue;
    std::string_view folder = one.kind == kRecordKind ? one.folder : "";
    auto row = folder.empty() ? store.row(realm, one.kind, {parts[1]})
                              : store.row(realm, one.kind, {folder, parts[1]});
    if (!row) throw one.unknown();
    tagged.document = *std::move(row);
    tagged.put = [&store, realm, folder, kind = one.kind, id = parts[1]](storage::Batch& batch,
                                                                         const Json& document) {
      if (folder.empty()) {
        store.put_row(batch, realm, kind, {id}, document);
      } else {
        store.put_row(batch, realm, kind, {folder, id}, document);
      }
    };
  }
  return tagged;
}

Output get_tags(Control& control, Context& context, Json input) {
  std::vector<std::string> parts = parts_of_arn(input);
  lock_of(parts);  // throws for an ARN of what has no tags
  Tagged tagged = load_tagged(control, context, parts);
  return Json{{m::tags, tagged.document.value(m::tags, Json::object())}};
}

Output change_tags(Control& control, Context& context, const Json& input,
                   const std::function<void(Json& tags)>& change) {
  std::vector<std::string> parts = parts_of_arn(input);
  auto [kind, name] = lock_of(parts);
  auto lock = control.lock_row(context, kind, name);
  Tagged tagged = load_tagged(control, context, parts);
  Json tags = tagged.document.value(m::tags, Json::object());
  change(tags);
  tagged.document[m::tags] = std::move(tags);
  storage::Batch batch;
  tagged.put(batch, tagged.document);
  context.commit(batch);
  if (parts[0] == "restapis") control.changed(parts[1]);
  return Json::object();
}

Output tag_resource(Control& control, Context& context, Json input) {
  return change_tags(control, context, input, [&](Json& tags) { tags.update(input[m::tags]); });
}

Output untag_resource(Control& control, Context& context, Json input) {
  return change_tags(control, context, input, [&](Json& tags) {
    for (const auto& key : input[m::tagKeys]) tags.erase(key.get<std::string>());
  });
}

}  // namespace account_detail

std::vector<ControlRow> account_rows() {
  namespace d = account_detail;
  return {
      {"GetAccount", d::get_account, "apigateway:GET"},
      {"UpdateAccount", d::update_account, "apigateway:PATCH"},
      {"GetTags", d::get_tags, "apigateway:GET"},
      {"TagResource", d::tag_resource, "apigateway:PUT"},
      {"UntagResource", d::untag_resource, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
