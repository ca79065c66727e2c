// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: policies of tables and of their
// streams, checked and kept.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/table_parts.hpp"
#include "services/dynamodb/wiring.hpp"
#include "wire/codec.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace resource_policies {

AwsError malformed(std::string_view what) {
  return errors::invalid_parameter("Invalid policy document: " + std::string(what));
}

// "a" for ["a"]; account ids among principals become the ARN of the account's root.
Json shortened(const Json& value, bool principals) {
  std::vector<Json> members;
  const auto add = [&](const Json& member) {
    Json text = member;
    const bool account =
        principals && member.is_string() && member.get_ref<const std::string&>().size() == 12 &&
        member.get_ref<const std::string&>().find_first_not_of("0123456789") == std::string::npos;
    if (account) text = "arn:aws:iam::" + member.get<std::string>() + ":root";
    if (!principals || std::find(members.begin(), members.end(), text) == members.end()) {
      members.push_back(std::move(text));
    }
  };
  if (value.is_array()) {
    for (const Json& member : value) add(member);
  } else {
    add(value);
  }
  return members.size() == 1 ? members.front() : Json(members);
}

Json principal(const Json& value) {
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [kind, names] : value.items()) out[kind] = shortened(names, kind == "AWS");
  return out;
}

bool texts(const Json& value) {
  if (value.is_string()) return true;
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}

void check_statement(const Json& statement) {
  if (!statement.is_object()) throw malformed("Syntax error at position (1,3)");
  const auto has = [&](const char* name) { return statement.contains(name); };
  if (!has("Effect")) throw malformed("Missing required field Effect");
  if (!has("Principal") && !has("NotPrincipal")) {
    throw malformed("Missing required field Principal");
  }
  if (!has("Action") && !has("NotAction")) throw malformed("Missing required field Action");
  if (!has("Resource") && !has("NotResource")) throw malformed("Missing required field Resource");
  const std::string effect =
      to_lower(statement["Effect"].is_string() ? statement["Effect"].get_ref<const std::string&>()
                                               : std::string());
  if (effect != "allow" && effect != "deny") {
    throw malformed("Invalid effect: " + statement["Effect"].dump());
  }
  for (const char* member : {"Action", "NotAction", "Resource", "NotResource"}) {
    if (has(member) && !texts(statement[member])) {
      throw malformed("Invalid value of " + std::string(member));
    }
  }
  for (const char* member : {"Principal", "NotPrincipal"}) {
    if (!has(member)) continue;
    const Json& value = statement[member];
    const bool everybody = value == "*";
    const bool kinds =
        value.is_object() && !value.empty() &&
        std::all_of(value.begin(), value.end(), [](const Json& names) { return texts(names); });
    if (!everybody && !kinds) {
      throw errors::validation("Invalid principal in policy document.");
    }
    const auto accounts = value.is_object() ? value.find("AWS") : value.end();
    const bool all =
        everybody || (value.is_object() && accounts != value.end() && *accounts == "*");
    if (all && effect == "allow" && !has("Condition")) throw errors::unbounded_policy();
  }
}

// In AWS's order of members, the known ones first.
std::string statement_text(const Json& statement) {
  std::string out = "{";
  const auto add = [&](const char* name, const Json& value) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
    out += ':' + value.dump();
  };
  for (const char* name : {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                           "Resource", "NotResource", "Condition"}) {
    const auto found = statement.find(name);
    if (found == statement.end()) continue;
    const std::string_view kind = name;
    if (kind == "Effect") {
      add(name, to_lower(found->get_ref<const std::string&>()) == "allow" ? "Allow" : "Deny");
    } else if (kind.ends_with("Principal")) {
      add(name, principal(*found));
    } else if (kind == "Sid" || kind == "Condition") {
      add(name, *found);
    } else {
      add(name, shortened(*found, false));
    }
  }
  return out + '}';
}

Json parse(std::string_view document) {
  try {
    Json policy = wire::parse_json(document);
    if (policy.is_null()) throw malformed("This text appears not to be a policy");
    if (policy.is_object()) return policy;
  } catch (const std::invalid_argument&) {
  }
  throw malformed("This policy contains invalid Json");
}

}  // namespace resource_policies

std::string canonical_policy(std::string_view document) {
  namespace rules = resource_policies;
  if (document.size() > kMaxPolicyBytes) {
    throw errors::invalid_parameter("Maximum policy size of 20480 bytes exceeded");
  }
  const Json policy = rules::parse(document);
  const auto found = policy.find("Statement");
  if (found == policy.end()) throw rules::malformed("Syntax error at position (1,3)");
  const Json statements = found->is_array() ? *found : Json::array({*found});
  if (statements.empty()) throw rules::malformed("Could not parse the policy: Statement is empty!");
  std::set<std::string> sids;
  std::string out = "{\"Version\":" + policy.value("Version", Json("2008-10-17")).dump();
  if (const auto id = policy.find("Id"); id != policy.end()) out += ",\"Id\":" + id->dump();
  out += ",\"Statement\":[";
  for (const Json& statement : statements) {
    rules::check_statement(statement);
    const std::string sid = member_or_null(statement, "Sid").is_string()
                                ? statement["Sid"].get<std::string>()
                                : std::string();
    if (!sid.empty() && !sids.insert(sid).second) {
      throw rules::malformed("The Statement Ids in the policy are not unique");
    }
    if (out.back() != '[') out += ',';
    out += rules::statement_text(statement);
  }
  return out + "]}";
}

std::vector<gateway::Operation> DynamoDb::policy_operations() {
  using gateway::Access;
  const auto kept = gateway::Fidelity::partial("kept, not yet taken into decisions");
  return {
      {"PutResourcePolicy", gateway::slow(this, &DynamoDb::put_resource_policy), Access::write,
       kept, "dynamodb:PutResourcePolicy", wiring::tagged, ""},
      {"GetResourcePolicy", gateway::plain(this, &DynamoDb::get_resource_policy), Access::read,
       gateway::Fidelity::full(), "dynamodb:GetResourcePolicy", wiring::tagged, ""},
      {"DeleteResourcePolicy", gateway::slow(this, &DynamoDb::delete_resource_policy),
       Access::write, gateway::Fidelity::full(), "dynamodb:DeleteResourcePolicy", wiring::tagged,
       ""},
  };
}

std::pair<TablePtr, std::string> DynamoDb::policy_resource(const Context& context,
                                                           const std::string& text) {
  if (!text.starts_with("arn:")) {
    throw errors::invalid_parameter("ARNs must start with 'arn:': " + text);
  }
  const auto arn = Arn::parse(text);
  constexpr std::string_view kTable = "table/";
  if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with(kTable) ||
      arn->resource.find("/backup/") != std::string::npos) {
    throw errors::invalid_parameter("Provided Arn is not a DynamoDB resource arn: " + text);
  }
  if (arn->account != context.account) throw errors::other_owner();
  if (arn->partition != "aws" || arn->region != context.region) {
    throw errors::invalid_parameter("Invalid resource Arn: " + text);
  }
  std::string name = arn->resource.substr(kTable.size());
  std::string part;
  if (const size_t slash = name.find('/'); slash != std::string::npos) {
    part = name.substr(slash + 1);
    name.resize(slash);
    if (!part.starts_with("stream/")) {
      throw errors::invalid_parameter(
          "Invalid resource arn provided, only table or stream is accepted. Provided resource "
          "arn: " +
          text);
    }
  }
  TablePtr table = find_table(context, name);
  if (!table) throw errors::no_such_table(name);
  if (!part.empty() && table->latest_stream.second != part.substr(part.find('/') + 1)) {
    throw AwsError("ResourceNotFoundException",
                   "Requested resource not found: Stream: " + part.substr(part.find('/') + 1) +
                       " not found for Table: " + name);
  }
  return {std::move(table), std::move(part)};
}

namespace resource_policies {

void check_revision(const Table& table, const ResourcePolicy* policy, std::string_view expected) {
  if (expected.empty()) return;
  if (expected == "NO_POLICY") {
    if (!policy) return;
    throw errors::policy_not_found(
        "Requested policy update expecting none to be present for table " + table.name +
        ", but a policy exists with revision id " + policy->revision + ".");
  }
  if (policy && policy->revision == expected) return;
  const std::string asked =
      "Requested update for policy with revision id " + std::string(expected) + ", but ";
  throw errors::policy_not_found(
      policy ? asked + "the policy associated to target table " + table.name + " has revision id " +
                   policy->revision + "."
             : asked + "table " + table.name + " has no associated policy.");
}

}  // namespace resource_policies

Output DynamoDb::put_resource_policy(Context& context, Json input) {
  std::lock_guard change(catalog_.change_mutex());
  const auto [table, part] = policy_resource(context, input.at(m::ResourceArn));
  std::string document = canonical_policy(input.at(m::Policy).get_ref<const std::string&>());
  const auto& policies = table->settings.policies;
  const auto found = policies.find(part);
  const ResourcePolicy* former = found == policies.end() ? nullptr : &found->second;
  resource_policies::check_revision(*table, former, text_member(input, m::ExpectedRevisionId));
  // The same policy again changes nothing.
  if (former && former->document == document) return Json{{m::RevisionId, former->revision}};
  const std::string revision = next_policy_revision(former);
  auto next = std::make_shared<Table>(*table);
  next->settings.policies[part] = {std::move(document), revision};
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  context.commit(batch);
  catalog_.publish(std::move(next));
  return Json{{m::RevisionId, revision}};
}

// The milliseconds of the change, and one more than those before if the clock stands still.
std::string DynamoDb::next_policy_revision(const ResourcePolicy* former) const {
  const int64_t now = platform_.world.now().ms;
  return std::to_string(former ? std::max<int64_t>(now, std::stoll(former->revision) + 1) : now);
}

Output DynamoDb::get_resource_policy(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  const auto [table, part] = policy_resource(context, arn);
  const auto found = table->settings.policies.find(part);
  if (found == table->settings.policies.end()) throw errors::policy_not_found(arn);
  return Json{{m::Policy, found->second.document}, {m::RevisionId, found->second.revision}};
}

Output DynamoDb::delete_resource_policy(Context& context, Json input) {
  std::lock_guard change(catalog_.change_mutex());
  const auto [table, part] = policy_resource(context, input.at(m::ResourceArn));
  const auto found = table->settings.policies.find(part);
  const bool there = found != table->settings.policies.end();
  resource_policies::check_revision(*table, there ? &found->second : nullptr,
                                    text_member(input, m::ExpectedRevisionId));
  if (!there) return Output();
  const std::string revision = found->second.revision;
  auto next = std::make_shared<Table>(*table);
  next->settings.policies.erase(part);
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  context.commit(batch);
  catalog_.publish(std::move(next));
  return Json{{m::RevisionId, revision}};
}

}  // namespace paddock::services::dynamodb
