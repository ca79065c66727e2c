// Queues as resources: made, named, listed, emptied and dropped.
#include <algorithm>

#include "core/text.hpp"
#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace queue_resources {

Json member(const Json& input, const char* name) {
  const auto found = input.find(name);
  return found == input.end() ? Json::object() : *found;
}

// What CreateQueue asks for of a queue that is there already.
void check_same(const QueueInfo& queue, const Json& attributes) {
  for (const auto& [name, value] : attributes.get_ref<const Json::object_t&>()) {
    if (!is_queue_attribute(name)) throw errors::unknown_attribute(name);
    const std::string& text = value.get_ref<const std::string&>();
    const auto found = queue.attributes.find(name);
    const std::string present = found == queue.attributes.end() ? "" : found->second;
    if (kept_value(name, text) != present) throw errors::queue_exists(name);
  }
}

size_t page_size(const Json& input) {
  const auto most = input.find(m::MaxResults);
  if (most == input.end()) return limits::kListedQueues;
  const int64_t count = *most;
  if (count < 1 || count > static_cast<int64_t>(limits::kListedQueues)) {
    throw errors::invalid_value(std::to_string(count), m::MaxResults,
                                "MaxResults must be an integer between 1 and 1000.");
  }
  return static_cast<size_t>(count);
}

std::string after_token(const Json& input) {
  const auto token = input.find(m::NextToken);
  if (token == input.end()) return "";
  auto name = from_base64(token->get_ref<const std::string&>());
  if (!name || name->empty() || !valid_utf8(*name)) {
    throw errors::invalid_parameter("Invalid or expired next token.");
  }
  return std::move(*name);
}

// The queues that `wanted` lets through, a page of them as URLs.
template <class Wanted, class Url>
Json page(const Store& store, const Realm& realm, const Json& input, const char* list,
          Wanted wanted, Url url) {
  const size_t most = page_size(input);
  const bool paged = input.contains(m::MaxResults);
  Json output = Json::object();
  Json urls = Json::array();
  std::string last;
  store.queues(realm, input.value(m::QueueNamePrefix, std::string()), after_token(input),
               [&](const QueueInfo& queue) {
                 if (!wanted(queue)) return true;
                 if (urls.size() == most) {
                   if (paged) output[m::NextToken] = to_base64(last);
                   return false;
                 }
                 urls.push_back(url(queue));
                 last = queue.name;
                 return true;
               });
  if (!urls.empty() || std::string_view(list) == m::queueUrls) output[list] = std::move(urls);
  return output;
}

}  // namespace queue_resources

Sqs::Output Sqs::create_queue(Context& context, Json input) {
  const std::string name = input.at(m::QueueName);
  Json attributes = queue_resources::member(input, m::Attributes);
  if (attributes.value("Policy", std::string("-")).empty()) attributes.erase("Policy");
  const Json tags = queue_resources::member(input, m::tags);
  if (tags.size() > limits::kTagsPerQueue) {
    throw errors::invalid_parameter("Too many tags added for queue " + name + ".");
  }
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(name_lock(realm, name));
  if (const Live present = queues_.find(context.account, context.region, name)) {
    const auto info = present->info();
    queue_resources::check_same(*info, attributes);
    return Json{{m::QueueUrl, url_of(context, *info)}};
  }
  auto info = std::make_shared<QueueInfo>();
  info->realm = realm;
  info->account = context.account;
  info->region = context.region;
  info->name = name;
  check_queue_name(name, wants_fifo(attributes));
  set_first_attributes(*info, attributes);
  check_dead_letters(*info, attributes);
  info->created = info->modified = platform_.world.now();
  const auto deleted = store_.deleted(realm, name);
  if (deleted && name_wait_ && info->created.ms < deleted->ms + limits::kNameReuseMs) {
    throw errors::queue_deleted_recently();
  }
  info->tags = tags.get<std::map<std::string, std::string>>();
  info->identity = info->data = platform_.database.reserve(realm, "sqs-queue", 1) + 1;
  storage::Batch batch;
  store_.put_queue(*info, batch);
  if (deleted) store_.erase_deleted(realm, name, batch);
  context.commit(batch);
  queues_.add(info);
  return Json{{m::QueueUrl, url_of(context, *info)}};
}

Sqs::Output Sqs::delete_queue(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  const auto info = queue->info();
  storage::Batch batch;
  store_.erase_queue(*info, batch);
  store_.erase_data(*info, batch);
  for (const MoveTask& task : store_.tasks(info->realm, info->name)) {
    store_.erase_task(info->realm, task, batch);
  }
  store_.put_deleted(info->realm, info->name, platform_.world.now(), batch);
  platform_.scheduler.cancel(batch, retention_timer(*info, {}));
  context.commit(batch);
  queues_.remove(*info);
  return {};
}

Sqs::Output Sqs::get_queue_url(Context& context, Json input) {
  const std::string name = input.at(m::QueueName);
  const std::string owner = input.value(m::QueueOwnerAWSAccountId, context.account);
  const Live queue = queues_.find(owner, context.region, name);
  if (!queue) throw errors::no_queue(by_query(context));
  return Json{{m::QueueUrl, url_of(context, *queue->info())}};
}

Sqs::Output Sqs::list_queues(Context& context, Json input) {
  return queue_resources::page(
      store_, *context.realm, input, m::QueueUrls, [](const QueueInfo&) { return true; },
      [&](const QueueInfo& queue) { return url_of(context, queue); });
}

Sqs::Output Sqs::list_dead_letter_source_queues(Context& context, Json input) {
  const auto info = require_queue(context, input)->info();
  const std::string arn = info->arn();
  const auto realm = platform_.realms.find("sqs", info->account, info->region);
  return queue_resources::page(
      store_, *realm, input, m::queueUrls,
      [&](const QueueInfo& queue) { return queue.redrive && queue.redrive->target_arn == arn; },
      [&](const QueueInfo& queue) { return url_of(context, queue); });
}

// The messages go with their number; those who hold receipt handles of them find nothing.
Sqs::Output Sqs::purge_queue(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  const auto before = queue->info();
  const WorldTime now = platform_.world.now();
  if (before->purged && now.ms < before->purged->ms + limits::kPurgeEveryMs) {
    throw errors::purge_in_progress(before->name);
  }
  auto info = std::make_shared<QueueInfo>(*before);
  info->data = platform_.database.reserve(info->realm, "sqs-queue", 1) + 1;
  info->purged = now;
  storage::Batch batch;
  store_.erase_data(*before, batch);
  store_.put_queue(*info, batch);
  platform_.scheduler.cancel(batch, retention_timer(*info, {}));
  context.commit(batch);
  queue->change(info);
  return {};
}

}  // namespace paddock::services::sqs
