// Bringing messages to subscribers. Publish leaves one parcel in the outbox for all subscribers of
// a standard topic; they are served side by side, and each that fails goes on in a parcel of its
// own. Messages of a FIFO topic wait in a queue for each subscription and group, so that they
// arrive in order.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/task.hpp"
#include "events/mailbox.hpp"
#include "events/outbox.hpp"
#include "gateway/platform.hpp"
#include "services/sns/directory.hpp"
#include "services/sns/notification.hpp"
#include "services/sns/signer.hpp"
#include "services/sns/store.hpp"

namespace paddock::services::sns {

// Targets in the outbox: a Parcel; and {"v":1,"topic","subscription","group"} as JSON text, which
// says that something waits in that group.
inline constexpr const char* kDeliverTarget = "sns:deliver";
inline constexpr const char* kGroupTarget = "sns:group";

// All members but the constructor run on the outbox's thread, or take no state.
class Deliveries {
 public:
  Deliveries(gateway::Platform& platform, Store& store, Directory& directory, Signer& signer)
      : platform_(platform),
        store_(store),
        directory_(directory),
        signer_(signer),
        mailbox_(platform.database) {}

  // Puts a parcel into a batch, for delivery after its commit. Any thread.
  void add(RealmId realm, const Parcel& parcel, const Cause& cause, storage::Batch& batch) const;
  // The same for one subscription of a FIFO topic; `number`: in the topic's sequence.
  void add_in_group(RealmId realm, const Parcel& parcel, uint64_t number, const Cause& cause,
                    storage::Batch& batch) const;
  // A confirmation, for a subscription that is not among the topic's subscribers.
  void add_confirmation(RealmId realm, const Subscription& subscription, Notification notification,
                        const Cause& cause, storage::Batch& batch) const;

  Task<events::Delivered> deliver(events::OutboxEntry entry);
  Task<events::Delivered> deliver_group(events::OutboxEntry entry);

 private:
  enum class Outcome { delivered, later, never };
  struct Sent {
    Sent() = default;  // no aggregate: it is returned by coroutines
    Sent(Outcome its_outcome, std::string its_text)
        : outcome(its_outcome), text(std::move(its_text)) {}
    Outcome outcome = Outcome::delivered;
    std::string text = "delivered";
  };
  // Signatures of one notification, by text and version.
  using Seals = std::map<std::pair<std::string, std::string>, Seal>;
  // One subscriber's delivery: an attempt, and what follows from it.
  struct Delivery {
    std::shared_ptr<const Realm> realm;
    Cause cause;
    std::shared_ptr<const TopicView> topic;  // may be null: of a confirmation
    std::shared_ptr<const Subscriber> subscriber;
    std::shared_ptr<const Notification> notification;
    std::shared_ptr<Seals> seals;
    uint32_t tried = 0;
    bool dead = false;
    bool done = false;
    WorldTime due;

    const Subscription& subscription() const { return subscriber->subscription; }
    std::string arn() const;
    const std::string& text() const;
  };

  std::shared_ptr<Delivery> delivery_of(const events::OutboxEntry& entry, const Parcel& parcel,
                                        const std::string& id) const;
  Task<void> attempt(std::shared_ptr<Delivery> delivery);
  void judge(Delivery& delivery, const Sent& sent) const;
  std::optional<Milliseconds> delay_of(const Delivery& delivery) const;
  void record(const Delivery& delivery, const Sent& sent) const;

  Task<Sent> send(std::shared_ptr<Delivery> delivery);
  Task<Sent> send_to_queue(std::shared_ptr<Delivery> delivery, std::string queue_arn);
  Task<Sent> send_to_function(std::shared_ptr<Delivery> delivery);
  Task<Sent> send_to_url(std::shared_ptr<Delivery> delivery);
  Sent send_mail(const Delivery& delivery) const;
  Sent send_text(const Delivery& delivery) const;
  Sent send_push(const Delivery& delivery) const;
  Task<Sent> call(std::shared_ptr<Delivery> delivery, std::string arn, std::string operation,
                  Json input);
  Seal seal(const Delivery& delivery, bool function) const;
  std::string envelope_of(const Delivery& delivery) const;

  gateway::Platform& platform_;
  Store& store_;
  Directory& directory_;
  Signer& signer_;
  const events::Mailbox mailbox_;
  WorkPool http_{kHttpThreads};
  // Groups that are being emptied.
  std::set<std::tuple<RealmId, std::string, std::string>> busy_;

  static constexpr size_t kHttpThreads = 4;
};

// A message as a text or push notification in the mailbox, with what LocalStack shows of it.
events::Mail text_mail(const Notification& notification, const std::string& number,
                       const std::string& subscription_arn, const std::string& text);
events::Mail push_mail(const Notification& notification, const std::string& target_arn,
                       const std::string& text);

}  // namespace paddock::services::sns
