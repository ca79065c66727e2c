#include "services/sqs/service.hpp"

#include "core/arn.hpp"
#include "events/log_source.hpp"
#include "events/waiters.hpp"
#include "models/sqs.hpp"
#include "models/sqs_query.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;
using gateway::Access;
using gateway::Fidelity;
using gateway::Operation;

namespace sqs_wiring {

// A batch of a mebibyte, percent-encoded or escaped, with room to spare.
constexpr size_t kBodyLimit = 8 * 1024 * 1024;

constexpr std::string_view kPolicies = "policies are kept, not evaluated";

std::string_view code_namespace(std::string_view code) {
  for (const std::string_view front :
       {"InvalidParameterValueException", "MissingRequiredParameterException",
        "SerializationException", "UnknownOperationException",
        "MissingAuthenticationTokenException", "InternalFailure"}) {
    if (code == front) return "com.amazon.coral.service#";
  }
  return "com.amazonaws.sqs#";
}

// The constraints that the model has left: required members, and types of in-process calls.
AwsError invalid(const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
  const wire::Violation& first = violations.front();
  if (first.rule == wire::Violation::Rule::required) {
    return errors::missing(first.path.substr(first.path.rfind('.') + 1));
  }
  return errors::invalid_parameter(first.text);
}

std::vector<std::string> queue(const gateway::RequestContext& context, const Json& input) {
  for (const char* member : {m::QueueUrl, m::QueueName}) {
    const auto found = input.find(member);
    if (found == input.end() || !found->is_string()) continue;
    const auto address = parse_queue_url(found->get_ref<const std::string&>());
    if (!address) break;
    return {make_arn("sqs", address->region.empty() ? context.region : address->region,
                     address->account.empty() ? context.account : address->account, address->name)};
  }
  return {"*"};
}

std::vector<std::string> source(const gateway::RequestContext&, const Json& input) {
  const auto found = input.find(m::SourceArn);
  if (found == input.end() || !found->is_string()) return {"*"};
  return {found->get<std::string>()};
}

gateway::Api api(const wire::ServiceModel& model, std::vector<Operation> operations) {
  gateway::Api api;
  api.model = &model;
  api.operations = std::move(operations);
  api.invalid = &invalid;
  api.validate_options.lower_first = false;
  api.error_style.code_namespace = &code_namespace;
  api.throttling_code = "RequestThrottled";
  api.body_limit = kBodyLimit;
  return api;
}

// The query protocol is another form of the same service, and goes by its name.
wire::ServiceModel query_model() {
  wire::ServiceModel model = models::sqs_query;
  model.name = models::sqs.name;
  return model;
}

}  // namespace sqs_wiring

Sqs::Sqs(gateway::Platform& platform)
    : platform_(platform),
      query_model_(sqs_wiring::query_model()),
      store_(platform.database),
      index_(platform.database, storage::Family::queue),
      queues_(platform.database, platform.realms, platform.world, platform.work, store_) {
  apis_.push_back(sqs_wiring::api(models::sqs, operations()));
  apis_.push_back(sqs_wiring::api(query_model_, operations()));
  endpoints_.push_back(peek_endpoint());
  platform.log_sources.set_queues(*this);
  platform.realms.on_reset([this](const std::vector<RealmId>& dead) { queues_.drop_realms(dead); });
  platform.scheduler.handle(QueueWriter::kRetentionTarget,
                            [this](const events::Timer& timer) { retention_due(timer); });
  platform.scheduler.handle(kMoveTarget, [this](const events::Timer& timer) { move_due(timer); });
  platform.scheduler.also_due([this]() -> std::optional<WorldTime> {
    const std::lock_guard lock(due_mutex_);
    if (due_.empty()) return std::nullopt;
    return WorldTime{*due_.begin()};
  });
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Sqs>(platform);
}

void Sqs::stop() {
  queues_.save();
}

std::vector<std::string> Sqs::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  store_.queues(realm, "", "", [&arns](const QueueInfo& queue) {
    arns.push_back(queue.arn());
    return true;
  });
  return arns;
}

std::vector<Operation> Sqs::operations() {
  using gateway::plain;
  using gateway::slow;
  using gateway::waiting;
  constexpr Access kRead = Access::read;
  constexpr Access kWrite = Access::write;
  const Fidelity full = Fidelity::full();
  const Fidelity unchecked = Fidelity::partial(sqs_wiring::kPolicies);
  const auto queue = &sqs_wiring::queue;
  const auto source = &sqs_wiring::source;
  return {
      {"CreateQueue", plain(this, &Sqs::create_queue), kWrite, full, "sqs:CreateQueue", queue, {}},
      {"DeleteQueue", plain(this, &Sqs::delete_queue), kRead, full, "sqs:DeleteQueue", queue, {}},
      {"GetQueueUrl", plain(this, &Sqs::get_queue_url), kRead, full, "sqs:GetQueueUrl", queue, {}},
      {"ListQueues", plain(this, &Sqs::list_queues), kRead, full, "sqs:ListQueues", nullptr, {}},
      {"PurgeQueue", plain(this, &Sqs::purge_queue), kRead, full, "sqs:PurgeQueue", queue, {}},
      {"ListDeadLetterSourceQueues",
       plain(this, &Sqs::list_dead_letter_source_queues),
       kRead,
       full,
       "sqs:ListDeadLetterSourceQueues",
       queue,
       {}},
      {"GetQueueAttributes",
       plain(this, &Sqs::get_queue_attributes),
       kRead,
       full,
       "sqs:GetQueueAttributes",
       queue,
       {}},
      {"SetQueueAttributes",
       plain(this, &Sqs::set_queue_attributes),
       kRead,
       unchecked,
       "sqs:SetQueueAttributes",
       queue,
       {}},
      {"TagQueue", plain(this, &Sqs::tag_queue), kRead, full, "sqs:TagQueue", queue, {}},
      {"UntagQueue", plain(this, &Sqs::untag_queue), kRead, full, "sqs:UntagQueue", queue, {}},
      {"ListQueueTags",
       plain(this, &Sqs::list_queue_tags),
       kRead,
       full,
       "sqs:ListQueueTags",
       queue,
       {}},
      {"AddPermission",
       plain(this, &Sqs::add_permission),
       kRead,
       unchecked,
       "sqs:AddPermission",
       queue,
       {}},
      {"RemovePermission",
       plain(this, &Sqs::remove_permission),
       kRead,
       unchecked,
       "sqs:RemovePermission",
       queue,
       {}},
      {"SendMessage", plain(this, &Sqs::send_message), kRead, full, "sqs:SendMessage", queue, {}},
      {"SendMessageBatch",
       plain(this, &Sqs::send_message_batch),
       kRead,
       full,
       "sqs:SendMessage",
       queue,
       {}},
      {"ReceiveMessage",
       waiting(this, &Sqs::receive_message),
       kRead,
       full,
       "sqs:ReceiveMessage",
       queue,
       {}},
      {"DeleteMessage",
       plain(this, &Sqs::delete_message),
       kRead,
       full,
       "sqs:DeleteMessage",
       queue,
       {}},
      {"DeleteMessageBatch",
       plain(this, &Sqs::delete_message_batch),
       kRead,
       full,
       "sqs:DeleteMessage",
       queue,
       {}},
      {"ChangeMessageVisibility",
       plain(this, &Sqs::change_message_visibility),
       kRead,
       full,
       "sqs:ChangeMessageVisibility",
       queue,
       {}},
      {"ChangeMessageVisibilityBatch",
       plain(this, &Sqs::change_message_visibility_batch),
       kRead,
       full,
       "sqs:ChangeMessageVisibility",
       queue,
       {}},
      {"StartMessageMoveTask",
       plain(this, &Sqs::start_message_move_task),
       kRead,
       full,
       "sqs:StartMessageMoveTask",
       source,
       {}},
      {"CancelMessageMoveTask",
       plain(this, &Sqs::cancel_message_move_task),
       kRead,
       full,
       "sqs:CancelMessageMoveTask",
       nullptr,
       {}},
      {"ListMessageMoveTasks",
       plain(this, &Sqs::list_message_move_tasks),
       kRead,
       full,
       "sqs:ListMessageMoveTasks",
       source,
       {}},
  };
}

bool Sqs::by_query(const Context& context) {
  return context.model != nullptr && context.model->protocol == wire::Protocol::aws_query;
}

std::string Sqs::url_of(const Context& context, const QueueInfo& queue) {
  return queue_url(context.authority.empty() ? "https" : context.scheme, context.authority, queue);
}

Sqs::Live Sqs::require_queue(const Context& context, const Json& input) {
  const auto found = input.find(m::QueueUrl);
  if (found == input.end()) throw errors::missing(m::QueueUrl);
  const std::string_view url = found->get_ref<const std::string&>();
  const auto address = parse_queue_url(url);
  if (!address) throw errors::invalid_address(url);
  Live queue =
      queues_.find(address->account.empty() ? context.account : address->account,
                   address->region.empty() ? context.region : address->region, address->name);
  if (!queue) throw errors::no_queue(by_query(context));
  return queue;
}

Sqs::Live Sqs::find_arn(std::string_view text) {
  const auto arn = Arn::parse(text);
  if (!arn || arn->service != "sqs") return nullptr;
  return queues_.find(arn->account, arn->region, arn->resource);
}

void Sqs::check_alive(const Context& context, const LiveQueue& queue) {
  if (queue.ended()) throw errors::no_queue(by_query(context));
}

uint64_t Sqs::next_sequence(RealmId realm) {
  constexpr uint64_t kBlock = 4096;
  const std::lock_guard lock(sequences_mutex_);
  auto& [next, end] = sequences_[realm];
  if (next == end) {
    next = platform_.database.reserve(realm, "sqs-message", kBlock);
    end = next + kBlock;
  }
  return next++;
}

}  // namespace paddock::services::sqs
