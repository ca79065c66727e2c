// Topics' policies, statement by statement, and their tags.
#include <algorithm>
#include <array>

#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace permitting {

using Ordered = nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> kActions{"GetTopicAttributes",
                                                   "SetTopicAttributes",
                                                   "AddPermission",
                                                   "RemovePermission",
                                                   "DeleteTopic",
                                                   "Subscribe",
                                                   "ListSubscriptionsByTopic",
                                                   "Publish"};

// One value alone, several as a list.
Ordered one_or_many(const std::vector<std::string>& values) {
  return values.size() == 1 ? Ordered(values.front()) : Ordered(values);
}

Ordered policy_of(const Topic& topic, const std::string& arn, const std::string& owner) {
  Ordered policy = Ordered::parse(topic.policy.empty() ? default_policy(arn, owner) : topic.policy);
  if (!policy["Statement"].is_array()) {
    policy["Statement"] = Ordered::array({policy["Statement"]});
  }
  return policy;
}

}  // namespace permitting

Sns::Operations Sns::permission_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"AddPermission", plain(this, &Sns::add_permission), Access::write, Fidelity::full(),
       "sns:AddPermission", topic_resource, ""},
      {"RemovePermission", plain(this, &Sns::remove_permission), Access::write, Fidelity::full(),
       "sns:RemovePermission", topic_resource, ""},
      {"TagResource", plain(this, &Sns::tag_resource), Access::write, Fidelity::full(),
       "sns:TagResource", arn_resource, ""},
      {"UntagResource", plain(this, &Sns::untag_resource), Access::write, Fidelity::full(),
       "sns:UntagResource", arn_resource, ""},
      {"ListTagsForResource", plain(this, &Sns::list_tags), Access::read, Fidelity::full(),
       "sns:ListTagsForResource", arn_resource, ""},
  };
}

Sns::Output Sns::add_permission(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  std::vector<std::string> principals;
  for (const Json& account : input.at(m::AWSAccountId)) {
    principals.push_back("arn:aws:iam::" + account.get<std::string>() + ":root");
  }
  std::vector<std::string> actions;
  for (const Json& action : input.at(m::ActionName)) {
    const std::string name = action.get<std::string>();
    if (std::find(permitting::kActions.begin(), permitting::kActions.end(), name) ==
        permitting::kActions.end()) {
      existing(topic);
      throw errors::invalid("Policy statement action out of service scope!");
    }
    actions.push_back("SNS:" + name);
  }
  if (principals.empty()) throw errors::invalid("AWSAccountId");
  if (actions.empty()) throw errors::invalid("ActionName");
  const std::string label = text_of(input, m::Label);
  change(context, topic, [&](Topic& changed, storage::Batch&) {
    auto policy = permitting::policy_of(changed, topic.arn, topic.realm->account);
    for (const auto& statement : policy["Statement"]) {
      if (statement.value("Sid", "") == label) throw errors::invalid("Statement already exists");
    }
    permitting::Ordered statement;
    statement["Sid"] = label;
    statement["Effect"] = "Allow";
    statement["Principal"]["AWS"] = permitting::one_or_many(principals);
    statement["Action"] = permitting::one_or_many(actions);
    statement["Resource"] = topic.arn;
    policy["Statement"].push_back(std::move(statement));
    changed.policy = policy.dump();
    if (changed.policy.size() > limits::kMostPolicyBytes) {
      throw errors::invalid("Policy Reason: Policy document is too large");
    }
  });
  return {};
}

Sns::Output Sns::remove_permission(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const std::string label = text_of(input, m::Label);
  change(context, topic, [&](Topic& changed, storage::Batch&) {
    auto policy = permitting::policy_of(changed, topic.arn, topic.realm->account);
    auto left = permitting::Ordered::array();
    for (const auto& statement : policy["Statement"]) {
      if (statement.value("Sid", "") != label) left.push_back(statement);
    }
    policy["Statement"] = std::move(left);
    changed.policy = policy.dump();
  });
  return {};
}

Sns::Output Sns::tag_resource(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::ResourceArn), m::ResourceArn);
  const Json tags = tags_of(input);
  if (!store_.topic(topic.realm->id, topic.name)) throw errors::resource_not_found();
  change(context, topic, [&](Topic& changed, storage::Batch&) {
    changed.tags.update(tags);
    if (changed.tags.size() > limits::kMostTags) throw errors::too_many_tags();
  });
  return {};
}

Sns::Output Sns::untag_resource(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::ResourceArn), m::ResourceArn);
  if (!store_.topic(topic.realm->id, topic.name)) throw errors::resource_not_found();
  change(context, topic, [&](Topic& changed, storage::Batch&) {
    for (const Json& key : input.at(m::TagKeys)) changed.tags.erase(key.get<std::string>());
  });
  return {};
}

Sns::Output Sns::list_tags(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::ResourceArn), m::ResourceArn);
  const auto found = store_.topic(topic.realm->id, topic.name);
  if (!found) throw errors::resource_not_found();
  Json tags = Json::array();
  for (auto tag = found->tags.begin(); tag != found->tags.end(); ++tag) {
    tags.push_back({{m::Key, tag.key()}, {m::Value, tag.value()}});
  }
  return Json{{m::Tags, std::move(tags)}};
}

}  // namespace paddock::services::sns
