// Attributes, tags and permissions of queues.
#include <algorithm>
#include <set>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace queue_settings {

Json shown(const QueueInfo& queue, const Counts& counts) {
  Json all = queue.attributes;
  all["QueueArn"] = queue.arn();
  all["CreatedTimestamp"] = std::to_string(queue.created.ms / 1000);
  all["LastModifiedTimestamp"] = std::to_string(queue.modified.ms / 1000);
  all["ApproximateNumberOfMessages"] = std::to_string(counts.visible);
  all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
  all["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
  return all;
}

std::string policy_of(const QueueInfo& queue) {
  const auto found = queue.attributes.find("Policy");
  return found == queue.attributes.end() ? std::string() : found->second;
}

// The queue's policy with a list of statements; AWS's own form if there is none yet. Members keep
// their order, as they are shown.
nlohmann::ordered_json policy_document(const QueueInfo& queue) {
  const std::string text = policy_of(queue);
  nlohmann::ordered_json policy;
  if (text.empty()) {
    policy["Version"] = "2008-10-17";
    policy["Id"] = queue.arn() + "/SQSDefaultPolicy";
  } else {
    policy = nlohmann::ordered_json::parse(text);
  }
  auto& statements = policy["Statement"];
  if (statements.is_null()) statements = nlohmann::ordered_json::array();
  if (statements.is_object()) statements = nlohmann::ordered_json::array({statements});
  return policy;
}

nlohmann::ordered_json one_or_list(const std::vector<std::string>& values) {
  if (values.size() == 1) return values.front();
  return values;
}

void check_label(const std::string& label) {
  const bool good =
      !label.empty() && label.size() <= 80 && std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
      });
  if (!good) {
    throw errors::invalid_value(label, "Label",
                                "Can only include alphanumeric characters, hyphens, or "
                                "underscores. 1 to 80 in length.");
  }
}

// AWS refuses with the list that its WSDL has.
void check_action(const std::string& action) {
  static const std::set<std::string_view> kActions{"*",
                                                   "SendMessage",
                                                   "ReceiveMessage",
                                                   "DeleteMessage",
                                                   "ChangeMessageVisibility",
                                                   "GetQueueAttributes",
                                                   "GetQueueUrl",
                                                   "ListDeadLetterSourceQueues",
                                                   "PurgeQueue"};
  if (kActions.contains(action)) return;
  throw errors::invalid_value("SQS:" + action, "ActionName",
                              "Please refer to the appropriate WSDL for a list of valid actions. ");
}

}  // namespace queue_settings

Sqs::Output Sqs::get_queue_attributes(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const auto names = input.find(m::AttributeNames);
  if (names == input.end()) return {};
  const Json all = queue_settings::shown(*queue->info(), queue->counts(platform_.world.now()));
  Json chosen = Json::object();
  for (const Json& one : *names) {
    const std::string& name = one.get_ref<const std::string&>();
    if (!is_queue_attribute(name)) throw errors::unknown_attribute(name);
    if (name == "All") {
      chosen = all;
      break;
    }
    if (all.contains(name)) chosen[name] = all[name];
  }
  if (chosen.empty()) return {};
  return Json{{m::Attributes, std::move(chosen)}};
}

void Sqs::change_queue(Context& context, const Json& input,
                       const std::function<void(QueueInfo&, storage::Batch&)>& apply) {
  const Live queue = require_queue(context, input);
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  auto info = std::make_shared<QueueInfo>(*queue->info());
  storage::Batch batch;
  apply(*info, batch);
  store_.put_queue(*info, batch);
  context.commit(batch);
  queue->change(info);
}

// Its dead letter queue has to be there, of the same kind, and to allow it.
void Sqs::check_dead_letters(const QueueInfo& queue, const Json& attributes) {
  const std::string text = attributes.value("RedrivePolicy", std::string());
  if (text.empty() || !queue.redrive) return;
  const auto arn = Arn::parse(queue.redrive->target_arn);
  const auto bad = [&text](std::string_view reason) {
    return errors::invalid_value(text, "RedrivePolicy", reason);
  };
  if (arn->account != queue.account || arn->region != queue.region) {
    throw bad("Dead-letter target owner should be same as the source.");
  }
  const Live target = queues_.find(queue.account, queue.region, queue.redrive->target);
  if (!target) throw bad("Dead letter target does not exist.");
  const auto info = target->info();
  if (info->fifo != queue.fifo) {
    throw bad("Dead-letter queue must be same type of queue as the source.");
  }
  const auto allow = info->attributes.find("RedriveAllowPolicy");
  if (allow != info->attributes.end() && !redrive_allowed(allow->second, queue.arn())) {
    throw bad("Queue " + queue.arn() + " is not allowed to use " + info->arn() +
              " as its dead-letter queue.");
  }
}

Sqs::Output Sqs::set_queue_attributes(Context& context, Json input) {
  const Json& attributes = input.at(m::Attributes);
  change_queue(context, input, [&](QueueInfo& queue, storage::Batch& batch) {
    set_attributes(queue, attributes);
    check_dead_letters(queue, attributes);
    queue.modified = platform_.world.now();
    // Messages may be older than the new retention allows: the timer looks at once.
    if (attributes.contains("MessageRetentionPeriod")) {
      platform_.scheduler.set(batch, retention_timer(queue, queue.modified));
    }
  });
  return {};
}

Sqs::Output Sqs::tag_queue(Context& context, Json input) {
  change_queue(context, input, [&](QueueInfo& queue, storage::Batch&) {
    for (const auto& [key, value] : input.at(m::Tags).get_ref<const Json::object_t&>()) {
      queue.tags[key] = value.get<std::string>();
    }
    if (queue.tags.size() > limits::kTagsPerQueue) {
      throw errors::invalid_parameter("Too many tags added for queue " + queue.name + ".");
    }
  });
  return {};
}

Sqs::Output Sqs::untag_queue(Context& context, Json input) {
  change_queue(context, input, [&](QueueInfo& queue, storage::Batch&) {
    for (const Json& key : input.at(m::TagKeys)) queue.tags.erase(key.get<std::string>());
  });
  return {};
}

Sqs::Output Sqs::list_queue_tags(Context& context, Json input) {
  const auto info = require_queue(context, input)->info();
  if (info->tags.empty()) return {};
  return Json{{m::Tags, info->tags}};
}

Sqs::Output Sqs::add_permission(Context& context, Json input) {
  const std::string label = input.at(m::Label);
  queue_settings::check_label(label);
  const auto accounts = input.at(m::AWSAccountIds).get<std::vector<std::string>>();
  auto actions = input.at(m::Actions).get<std::vector<std::string>>();
  if (accounts.empty()) throw errors::missing("AWSAccountId");
  if (actions.empty()) throw errors::missing("ActionName");
  if (actions.size() > limits::kPermissionActions) {
    throw AwsError("OverLimit",
                   std::to_string(actions.size()) + " Actions were found, maximum allowed is 7.",
                   403);
  }
  for (std::string& action : actions) {
    queue_settings::check_action(action);
    action.insert(0, "SQS:");
  }
  std::vector<std::string> principals;
  for (const std::string& account : accounts) {
    if (account.size() != 12 || account.find_first_not_of("0123456789") != std::string::npos) {
      throw errors::invalid_value("[" + account + "]", "PrincipalId", "Unable to verify.");
    }
    principals.push_back("arn:aws:iam::" + account + ":root");
  }
  change_queue(context, input, [&](QueueInfo& queue, storage::Batch&) {
    nlohmann::ordered_json policy = queue_settings::policy_document(queue);
    for (const auto& statement : policy["Statement"]) {
      if (statement.is_object() && statement.value("Sid", std::string()) == label) {
        throw errors::invalid_value(label, "Label", "Already exists.");
      }
    }
    if (policy["Statement"].size() == limits::kPolicyStatements) {
      throw AwsError("OverLimit",
                     "21 statements were found in the submitted policy, max allowed "
                     "is 20",
                     403);
    }
    nlohmann::ordered_json statement;
    statement["Sid"] = label;
    statement["Effect"] = "Allow";
    statement["Principal"]["AWS"] = queue_settings::one_or_list(principals);
    statement["Action"] = queue_settings::one_or_list(actions);
    statement["Resource"] = queue.arn();
    policy["Statement"].push_back(std::move(statement));
    queue.attributes["Policy"] = policy.dump();
  });
  return {};
}

Sqs::Output Sqs::remove_permission(Context& context, Json input) {
  const std::string label = input.at(m::Label);
  change_queue(context, input, [&](QueueInfo& queue, storage::Batch&) {
    nlohmann::ordered_json policy = queue_settings::policy_document(queue);
    nlohmann::ordered_json left = nlohmann::ordered_json::array();
    for (const auto& statement : policy["Statement"]) {
      const bool named = statement.is_object() && statement.value("Sid", std::string()) == label;
      if (!named) left.push_back(statement);
    }
    if (left.size() == policy["Statement"].size()) {
      throw errors::invalid_value(label, "Label", "can't find label.");
    }
    policy["Statement"] = left;
    if (left.empty()) {
      queue.attributes.erase("Policy");
    } else {
      queue.attributes["Policy"] = policy.dump();
    }
  });
  return {};
}

}  // namespace paddock::services::sqs
