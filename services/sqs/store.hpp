// Where SQS's rows are: the only file that knows this service's kinds of keys.
//
// Rows, version 1. Times are world milliseconds; `data` is QueueInfo::data, `seq` the number of a
// message in its realm, which rises.
//   meta   kQueueKind    text name                     the queue as a document row
//   meta   kDeletedKind  text name                     i64 when a queue of that name was deleted
//   meta   kTaskKind     text source name, text task   a move task as a document row
//   stats  kCountKind    u64 data                      i64 messages, at a clean close
//   queue  kMessageKind  u64 data, u64 seq             the message (message.hpp)
//   blobs  kMessageKind  the same key                  its body, if that is kept apart
//   queue  kReadyKind    u64 data, i64 at, u64 seq     when something can be received: of standard
//                                                      queues a message, with its State; of FIFO
//                                                      queues a group (seq of its first message),
//                                                      with its name
//   queue  kPlaceKind    u64 data, u64 seq             State of a message of a standard queue that
//                                                      was received: where its ready row is
//   queue  kMemberKind   u64 data, text group, u64 seq State of a message of a FIFO queue
//   queue  kGroupKind    u64 data, text group          i64 at, u64 seq: its ready row
//   queue  kOnceKind     u64 data, 32 bytes            a deduplication id: i64 sent, then the
//                                                      sequence number, a space, the message id
//   queue  kAttemptKind  u64 data, text attempt        i64 at, then u64 seq, u32 receive each
//   queue  kForgetKind   u64 data, i64 at, u64 number  the key of a row that goes then
// State: u8 version=1, u8 flags (1: the body is kept apart), i64 at, u32 receives, i64 first
// received, i64 last received. The numbers of values are big endian.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/realm.hpp"
#include "services/sqs/message.hpp"
#include "services/sqs/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::sqs {

inline constexpr storage::Kind kQueueKind = 0x50;
inline constexpr storage::Kind kDeletedKind = 0x51;
inline constexpr storage::Kind kTaskKind = 0x52;
inline constexpr storage::Kind kCountKind = 0x53;
inline constexpr storage::Kind kMessageKind = 0x54;
inline constexpr storage::Kind kReadyKind = 0x55;
inline constexpr storage::Kind kPlaceKind = 0x56;
inline constexpr storage::Kind kMemberKind = 0x57;
inline constexpr storage::Kind kGroupKind = 0x58;
inline constexpr storage::Kind kOnceKind = 0x59;
inline constexpr storage::Kind kAttemptKind = 0x5A;
inline constexpr storage::Kind kForgetKind = 0x5B;

// What changes about a message while it is in its queue.
struct State {
  int64_t at_ms = 0;      // visible from then on
  uint32_t receives = 0;  // in this queue
  int64_t first_ms = 0;   // first received; 0: never
  int64_t last_ms = 0;    // last received
  bool apart = false;     // the body

  // The state once it is received again; `at_ms` is as it was.
  State received(int64_t now_ms) const;
};
std::string encode_state(const State& state);
State decode_state(std::string_view bytes);  // throws storage::StorageError

// The ready row of a FIFO queue's group.
struct GroupPlace {
  int64_t at_ms = 0;
  uint64_t sequence = 0;  // of its first message
};

// What a deduplication id stood for.
struct Once {
  int64_t sent_ms = 0;
  std::string sequence_number;
  std::string message_id;
};

// A job of StartMessageMoveTask.
struct MoveTask {
  std::string id;
  std::string status;  // RUNNING, COMPLETED, CANCELLED, FAILED
  std::string source;  // name
  std::string source_arn;
  std::string destination_arn;  // "": to where each message came from
  int64_t rate = 0;             // messages a second; 0: as fast as it goes
  int64_t moved = 0;
  int64_t to_move = 0;
  int64_t started_ms = 0;
  std::string failure;
};

// Keys of one queue's data.
class QueueKeys {
 public:
  QueueKeys(RealmId realm, uint64_t data) : realm_(realm), data_(data) {}

  std::string prefix(storage::Kind kind) const;
  std::string message(uint64_t sequence) const;
  std::string ready(int64_t at_ms, uint64_t sequence) const;
  std::string place(uint64_t sequence) const;
  std::string group(std::string_view group) const;
  std::string members(std::string_view group) const;  // prefix
  std::string member(std::string_view group, uint64_t sequence) const;
  std::string once(std::string_view hash) const;
  std::string attempt(std::string_view id) const;
  std::string forget(int64_t at_ms, uint64_t number) const;

 private:
  RealmId realm_;
  uint64_t data_;
};

struct ReadyKey {
  int64_t at_ms = 0;
  uint64_t sequence = 0;
};
ReadyKey read_ready_key(std::string_view key);
uint64_t last_number(std::string_view key);  // the sequence at the end of a message or member key

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  std::optional<QueueInfo> queue(const Realm& realm, std::string_view name) const;
  void put_queue(const QueueInfo& queue, storage::Batch& batch) const;
  void erase_queue(const QueueInfo& queue, storage::Batch& batch) const;
  // In order of names, from the first after `after` that starts with `prefix`, until `visit`
  // returns false.
  void queues(const Realm& realm, std::string_view prefix, std::string_view after,
              const std::function<bool(QueueInfo)>& visit) const;
  // Drops all messages under QueueInfo::data.
  void erase_data(const QueueInfo& queue, storage::Batch& batch) const;

  std::optional<WorldTime> deleted(RealmId realm, std::string_view name) const;
  void put_deleted(RealmId realm, std::string_view name, WorldTime at, storage::Batch& batch) const;
  void erase_deleted(RealmId realm, std::string_view name, storage::Batch& batch) const;

  std::optional<MoveTask> task(RealmId realm, std::string_view source, std::string_view id) const;
  void put_task(RealmId realm, const MoveTask& task, storage::Batch& batch) const;
  std::vector<MoveTask> tasks(RealmId realm, std::string_view source) const;
  void erase_task(RealmId realm, const MoveTask& task, storage::Batch& batch) const;

  // Whole, with its body; nullopt if it is gone.
  std::optional<Message> message(const QueueKeys& keys, uint64_t sequence) const;
  std::optional<State> state(const std::string& key) const;  // of a place or member key
  std::optional<GroupPlace> group(const QueueKeys& keys, std::string_view group) const;
  static std::string group_bytes(const GroupPlace& place);
  std::optional<Once> once(const std::string& key) const;
  static std::string once_bytes(const Once& once);

  std::optional<int64_t> saved_count(RealmId realm, uint64_t data) const;
  void put_count(RealmId realm, uint64_t data, int64_t count, storage::Batch& batch) const;
  void erase_count(RealmId realm, uint64_t data, storage::Batch& batch) const;

  storage::Database& database() const { return database_; }

 private:
  storage::Database& database_;
};

// What a read-modify-write of a name of a queue (create, delete) or of its messages locks.
std::string name_lock(RealmId realm, std::string_view name);

}  // namespace paddock::services::sqs
