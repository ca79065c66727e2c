// SQS: queues, messages, dead letters; by JSON and by the query protocol. See README.md.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/queue_source.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
#include "services/sqs/listeners.hpp"
#include "services/sqs/live.hpp"
#include "services/sqs/store.hpp"
#include "services/sqs/writer.hpp"
#include "storage/key_locks.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::sqs {

class Sqs : public gateway::Service, public events::QueueSource {
 public:
  explicit Sqs(gateway::Platform& platform);

  std::string_view name() const override { return "sqs"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  // switches.cpp
  Json settings() const override;
  void change_settings(const Json& changes) override;
  void stop() override;

  // source.cpp
  std::optional<events::QueueFacts> facts(const std::string& queue_arn) override;
  std::optional<WorldTime> next_visible(const std::string& queue_arn) override;
  Cause cause_of(const std::string& queue_arn, const std::string& receipt_handle) override;
  std::shared_ptr<void> subscribe(const std::string& queue_arn,
                                  std::function<void()> listener) override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;
  using Live = std::shared_ptr<LiveQueue>;

  std::vector<gateway::Operation> operations();

  // The queue that the input names. Throws QueueDoesNotExist, InvalidAddress.
  Live require_queue(const Context& context, const Json& input);
  Live find_arn(std::string_view arn);
  static std::string url_of(const Context& context, const QueueInfo& queue);
  static bool by_query(const Context& context);
  // Throws QueueDoesNotExist if the queue was deleted meanwhile; under its lock.
  static void check_alive(const Context& context, const LiveQueue& queue);
  uint64_t next_sequence(RealmId realm);
  WriterParts writer_parts() { return {platform_, store_, index_, listeners_}; }

  // queues.cpp
  Output create_queue(Context& context, Json input);
  Output delete_queue(Context& context, Json input);
  Output get_queue_url(Context& context, Json input);
  Output list_queues(Context& context, Json input);
  Output purge_queue(Context& context, Json input);
  Output list_dead_letter_source_queues(Context& context, Json input);

  // settings.cpp
  Output get_queue_attributes(Context& context, Json input);
  Output set_queue_attributes(Context& context, Json input);
  Output tag_queue(Context& context, Json input);
  Output untag_queue(Context& context, Json input);
  Output list_queue_tags(Context& context, Json input);
  Output add_permission(Context& context, Json input);
  Output remove_permission(Context& context, Json input);
  // Locks, changes, commits and publishes the definition. `apply` may add to the batch.
  void change_queue(Context& context, const Json& input,
                    const std::function<void(QueueInfo&, storage::Batch&)>& apply);
  void check_dead_letters(const QueueInfo& queue, const Json& attributes);

  // send.cpp
  Output send_message(Context& context, Json input);
  Output send_message_batch(Context& context, Json input);
  Message draft(const Context& context, const QueueInfo& queue, const Json& entry,
                bool of_batch) const;
  // Adds the message, or says what it is a duplicate of: fills in id and sequence number.
  void put(QueueWriter& writer, const Json& entry, Message& message, WorldTime now,
           std::map<std::string, Once>& fresh, storage::Batch& batch);
  bool duplicate(const QueueWriter& writer, Message& message, WorldTime now,
                 std::map<std::string, Once>& fresh, storage::Batch& batch);
  void forget_due(const QueueKeys& keys, WorldTime now, storage::Batch& batch);

  // receive.cpp
  struct ReceiveInput {
    ReceiveInput() {}  // passed by value to a coroutine
    size_t most = 1;
    int64_t visibility_ms = 0;
    int64_t wait_ms = 0;
    std::string attempt;  // ReceiveRequestAttemptId
  };
  struct Taken {
    uint64_t sequence = 0;
    State state;
    Message message;
  };
  Task<Output> receive_message(Context& context, Json input);
  static ReceiveInput receive_input(const QueueInfo& queue, const Json& input);
  // Takes what is visible; one batch. Runs on an I/O thread or on the pool.
  std::vector<Taken> take(Context& context, LiveQueue& queue, const ReceiveInput& input);
  // One pass; false in `more` if nothing was left to look at.
  std::vector<Taken> take_standard(Context& context, LiveQueue& queue, const ReceiveInput& input,
                                   bool& more);
  bool over_limit(const LiveQueue& queue, const QueueInfo& info, WorldTime now) const;
  std::optional<int64_t> visible_after(const QueueInfo& queue, WorldTime now);
  Json received(const QueueInfo& queue, const Json& input, const std::vector<Taken>& taken) const;
  Task<std::vector<Taken>> take_somewhere(Context& context, Live queue, ReceiveInput input);

  // fifo.cpp
  std::vector<Taken> take_fifo(Context& context, LiveQueue& queue, const ReceiveInput& input,
                               bool& more);
  void take_group(QueueWriter& writer, QueueWriter* dead, const std::string& group,
                  const ReceiveInput& input, WorldTime now, std::vector<Taken>& taken);
  // What the same ReceiveRequestAttemptId got, if all of it is in flight still.
  std::optional<std::vector<Taken>> take_again(QueueWriter& writer, const ReceiveInput& input,
                                               WorldTime now);
  void keep_attempt(const QueueWriter& writer, const ReceiveInput& input,
                    const std::vector<Taken>& taken, WorldTime now, storage::Batch& batch);

  // dead_letters.cpp
  // The queue for messages of `queue` that were received too often; nullptr: there is none.
  Live dead_letters(const QueueInfo& queue);
  std::vector<storage::KeyLocks::Guard> lock_with(const LiveQueue& queue, const Live& other);
  // A received message with its receives counted and its State kept: dropped if it is too old,
  // moved if it was received too often. True if it is gone.
  bool gone(QueueWriter& from, QueueWriter* dead, uint64_t sequence, const State& state,
            Message& message, WorldTime now);
  void retention_due(const events::Timer& timer);

  // deletes.cpp
  Output delete_message(Context& context, Json input);
  Output delete_message_batch(Context& context, Json input);
  Output change_message_visibility(Context& context, Json input);
  Output change_message_visibility_batch(Context& context, Json input);
  struct Held {
    uint64_t sequence = 0;
    uint32_t receive = 0;        // that the handle is of
    std::string group;           // of FIFO queues
    std::optional<State> state;  // as it is now; none: the message is gone
  };
  // Throws ReceiptHandleIsInvalid.
  Held held(const QueueWriter& writer, const std::string& handle) const;
  static void erase_held(QueueWriter& writer, const Held& found, const std::string& handle,
                         WorldTime now);
  static void change_held(QueueWriter& writer, const Held& found, const std::string& handle,
                          int64_t seconds, WorldTime now);
  using HandleStep =
      std::function<void(QueueWriter&, const Held&, const std::string& handle, WorldTime)>;
  Output by_handle_entries(Context& context, const Json& input, std::string_view type,
                           const std::function<HandleStep(const Json&)>& prepare);
  // Locks the queue, runs `step`, commits.
  void by_handles(Context& context, const Live& queue,
                  const std::function<void(QueueWriter&, WorldTime)>& step);

  // move_tasks.cpp
  static constexpr const char* kMoveTarget = "sqs:move";
  Output start_message_move_task(Context& context, Json input);
  Output cancel_message_move_task(Context& context, Json input);
  Output list_message_move_tasks(Context& context, Json input);
  bool is_dead_letter_queue(const Realm& realm, std::string_view arn) const;
  void move_due(const events::Timer& timer);
  // The queue of the ARN in that parameter. Throws InvalidParameterValueException,
  // ResourceNotFoundException.
  Live require_arn(const Json& input, const char* parameter);
  Live destination_of(const MoveTask& task, const Message& message);
  bool move_one(LiveQueue& source, MoveTask& task, WorldTime now);

  // peek.cpp
  gateway::Endpoint peek_endpoint();
  Task<void> peek(http::Exchange& exchange, Context& context);
  Json peeked(const QueueInfo& queue, bool invisible, bool delayed);

  gateway::Platform& platform_;
  const wire::ServiceModel query_model_;
  Store store_;
  storage::QueueIndex index_;
  Queues queues_;
  Listeners listeners_;

  std::mutex sequences_mutex_;
  std::map<RealmId, std::pair<uint64_t, uint64_t>> sequences_;  // next, end of the block

  // World times that a long poll waits for a message to become visible.
  std::mutex due_mutex_;
  std::multiset<int64_t> due_;

  // Switches.
  std::atomic<double> duplicates_{0};
  std::atomic<int64_t> reorder_{0};
  std::atomic<bool> name_wait_{false};
};

// How services/all.cpp makes it.
std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::sqs
