// S3: buckets, objects, versions, multipart uploads, listings.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/outbox.hpp"
#include "gateway/hosts.hpp"
#include "gateway/service.hpp"
#include "services/s3/access.hpp"
#include "services/s3/address.hpp"
#include "services/s3/catalog.hpp"
#include "services/s3/event_record.hpp"
#include "services/s3/post_policy.hpp"
#include "services/s3/store.hpp"
#include "services/s3/upload_body.hpp"
#include "services/s3/website.hpp"
#include "storage/key_locks.hpp"

namespace paddock::events {
struct Timer;
}

namespace paddock::services::s3 {

class Lifecycle;

class S3 : public gateway::Service {
 public:
  explicit S3(gateway::Platform& platform);

  std::string_view name() const override { return "s3"; }
  std::vector<std::string> resources(const Realm& realm) const override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;
  using Operations = std::vector<gateway::Operation>;

  // service.cpp
  void add_bucket_operations(Operations& operations);
  void add_object_operations(Operations& operations);
  void add_upload_operations(Operations& operations);
  void add_record_operations(Operations& operations);  // records.cpp

  // access.cpp
  // The bucket of the input, for one who may do what the operation does (DeleteObjects: with each
  // key for itself). Throws NoSuchBucket, AccessDenied, InvalidBucketOwnerAWSAccountID.
  BucketPtr open_bucket(const Context& context, const Json& input) const;
  // A bucket of any owner, for whoever asks; `authorize` comes after it.
  BucketPtr any_bucket(const std::string& name, const Json& expected_owner) const;
  // The same bucket as it is now, under a key's lock. Throws NoSuchBucket if it has gone.
  BucketPtr still(const BucketPtr& bucket) const;
  storage::KeyLocks::Guard lock_key(const Bucket& bucket, std::string_view key) const;

  // cors.cpp
  void add_browser_endpoints();  // browsers.cpp
  std::string addressed_bucket(const http::RequestHead& head) const;
  // The headers that a bucket with rules gives to the answer; nullopt: it has none.
  std::optional<http::Headers> cors_of_bucket(const http::RequestHead& head) const;
  bool answers_preflight(const http::RequestHead& head) const;
  http::Response preflight(const http::RequestHead& head, const std::string& request_id) const;

  // website_endpoint.cpp
  struct SiteVisit;
  Task<void> serve_website(http::Exchange& exchange, gateway::RequestContext& context);
  void open_site(SiteVisit& visit) const;
  std::string page_key(const SiteVisit& visit) const;
  std::optional<Redirect> folder_redirect(const SiteVisit& visit) const;
  Task<Output> read_page(SiteVisit& visit, std::string key);
  Task<void> send_page(SiteVisit& visit, Output output, int status);
  Task<void> refuse_visit(SiteVisit& visit, AwsError error);

  // post_object.cpp
  struct Poster {
    uint64_t least = 0;
    uint64_t most = 0;
  };
  Task<Output> post_object(Context& context, Json labels);
  Poster judge_form(Context& context, const Bucket& bucket, const FormFields& fields) const;
  Json input_of_form(const Context& context, const Bucket& bucket, const FormFields& fields,
                     const std::string& key) const;
  std::string facts_of_form(const Context& context, const Json& input,
                            const std::string& tagging) const;

  // buckets.cpp
  Output create_bucket(Context& context, Json input);
  Output head_bucket(Context& context, Json input);
  Output delete_bucket(Context& context, Json input);
  Output list_buckets(Context& context, Json input);
  Output get_bucket_location(Context& context, Json input);
  Output get_bucket_versioning(Context& context, Json input);
  Output put_bucket_versioning(Context& context, Json input);
  Output get_bucket_tagging(Context& context, Json input);
  Output put_bucket_tagging(Context& context, Json input);
  Output delete_bucket_tagging(Context& context, Json input);
  void change_bucket(Context& context, const BucketPtr& bucket,
                     const std::function<void(Bucket&)>& change,
                     const std::function<void(storage::Batch&)>& also = nullptr);
  void drop_uploads(Context& context, const Bucket& bucket);

  // What is to be done with a bucket or, with a key, one of its objects.
  struct Act {
    std::string_view action;  // "s3:GetObject"; of a version too
    std::string key;
    std::string version;
    const Json& input;  // of the operation, for conditions
  };
  // Throws AccessDenied unless policy, ACLs or ownership let the caller.
  void authorize(const Context& context, const Bucket& bucket, Act act) const;
  Verdict policy_verdict(const Context& context, const Bucket& bucket, const Requester& requester,
                         const Act& act) const;
  bool permitted(const Context& context, const Bucket& bucket, const Requester& requester,
                 const Act& act) const;
  bool permitted_by_acl(const Bucket& bucket, const Requester& requester, const Act& act) const;
  ConditionValues condition_values(const Context& context, const Bucket& bucket,
                                   const Requester& requester, const Act& act) const;

  // access_lists.cpp
  void add_access_operations(Operations& operations);
  // An object's facts with owner and ACL, as the request wants them and the bucket allows. Throws
  // AccessControlListNotSupported, AccessDenied ….
  std::string with_acl(const Context& context, const Bucket& bucket, const Json& input,
                       std::string facts) const;
  Output get_bucket_policy_status(Context& context, Json input);
  Output get_bucket_acl(Context& context, Json input);
  Output get_object_acl(Context& context, Json input);
  Output put_bucket_acl(Context& context, Json input);
  Output put_object_acl(Context& context, Json input);

  // notifications.cpp
  void add_notification_operations(Operations& operations);
  Output get_notifications(Context& context, Json input);
  Task<Output> put_notifications(Context& context, Json input);
  Task<std::string> destination_fault(std::string arn_text, std::string bucket, std::string account,
                                      Cause cause);
  // Tells the destinations that want the event ("ObjectCreated:Put") of this version of a key, once
  // `batch` commits. Under the key's lock.
  void announce(const Context& context, const Bucket& bucket, std::string_view event,
                std::string_view key, const Object& object, storage::Batch& batch);
  void announce(const Origin& origin, const Bucket& bucket, const Happening& happening,
                storage::Batch& batch);
  void add_notice(const Bucket& bucket, const std::string& arn, std::string_view event,
                  const Cause& cause, std::string text, storage::Batch& batch);
  Task<events::Delivered> deliver_notification(events::OutboxEntry entry);

  // object_lock.cpp
  void add_lock_operations(Operations& operations);
  Output get_lock_configuration(Context& context, Json input);
  Output put_lock_configuration(Context& context, Json input);
  Output get_retention(Context& context, Json input);
  Output put_retention(Context& context, Json input);
  Output get_legal_hold(Context& context, Json input);
  Output put_legal_hold(Context& context, Json input);
  Object lockable(const Bucket& bucket, const Json& input, std::string_view method) const;
  Output change_lock(Context& context, const Json& input,
                     const std::function<void(Json& facts)>& change);
  // Writes a version that is there already, with other facts.
  void replace_version(const Bucket& bucket, std::string_view key, const Object& object,
                       storage::Batch& batch);

  // lifecycle.cpp
  void add_lifecycle_operations(Operations& operations);
  Output get_lifecycle(Context& context, Json input);
  Output put_lifecycle(Context& context, Json input);
  Output delete_lifecycle(Context& context, Json input);
  // Puts into an answer when a key's newest version expires, and when an upload is dropped.
  void show_expiration(const Bucket& bucket, std::string_view key, const Object& object,
                       Json& output) const;
  void show_abort(const Bucket& bucket, const Upload& upload, Json& output) const;
  void run_lifecycle(const events::Timer& timer);
  void age_objects(const BucketPtr& bucket, const Lifecycle& rules, WorldTime now);
  void age_current(const BucketPtr& bucket, const Lifecycle& rules, const std::string& key,
                   const Object& object, bool alone, WorldTime now);
  void move_class(const BucketPtr& bucket, const std::string& key, const Object& object,
                  const std::string& to);
  void age(const BucketPtr& bucket, const std::string& key, const Object& object,
           const std::function<bool(const Bucket&, const Object&, storage::Batch&)>& change);
  void announce_aging(const Bucket& bucket, std::string_view event, std::string_view key,
                      const Object& object, storage::Batch& batch);
  void age_uploads(const BucketPtr& bucket, const Lifecycle& rules, WorldTime now);

  // versions.cpp: what happens to the versions of a key. Under its lock.
  // The next order of a realm: rises, and is never given twice.
  uint64_t next_order(RealmId realm);
  // Writes a new version and moves or drops what it replaces. Fills order, version id, time.
  void write_version(const Bucket& bucket, std::string_view key, Object& object,
                     const std::optional<Object>& current, storage::Batch& batch);
  // Drops one version for good. `found` is it.
  void drop_version(const Bucket& bucket, std::string_view key, const Object& found,
                    const Object& current, storage::Batch& batch);
  void drop_body(const Bucket& bucket, const Object& object, storage::Batch& batch);
  // A version by its id, or the newest for "". Throws InvalidArgument for what is no id; nullopt if
  // there is none.
  std::optional<Object> find_version(const Bucket& bucket, std::string_view key,
                                     std::string_view id) const;
  // The same, for reading: throws NoSuchKey, NoSuchVersion, and 405 or 404 for delete markers.
  Object readable(const Bucket& bucket, std::string_view key, std::string_view id) const;

  // put_object.cpp
  // Where the encryption of a body begins; never the same twice.
  std::string new_counter(const Bucket& bucket);
  Task<Output> put_object(Context& context, Json input);
  // Makes the received body a version of the key. `attempt` runs again if its commit would wait.
  Task<void> commit_object(Context& context, const BucketPtr& bucket, const std::string& key,
                           std::shared_ptr<Received> received, Object& object, const Json& input);

  // get_object.cpp
  Task<Output> get_object(Context& context, Json input);
  Output head_object(Context& context, Json input);
  Output get_object_attributes(Context& context, Json input);

  // delete_object.cpp
  Output delete_object(Context& context, Json input);
  Output delete_objects(Context& context, Json input);
  Json delete_one(Context& context, const BucketPtr& bucket, const std::string& key,
                  const std::string& version, const std::optional<std::string>& if_match,
                  bool bypass);

  // copy_object.cpp
  Output copy_object(Context& context, Json input);
  Object readable_source(const Bucket& bucket, std::string_view key,
                         std::string_view version) const;
  Output upload_part_copy(Context& context, Json input);

  // object_tagging.cpp
  Output get_object_tagging(Context& context, Json input);
  Output put_object_tagging(Context& context, Json input);
  Output delete_object_tagging(Context& context, Json input);
  Output change_tags(Context& context, const Json& input, const Json& tags);

  // listing.cpp
  Output list_objects(Context& context, Json input);
  Output list_objects_v2(Context& context, Json input);
  Output list_object_versions(Context& context, Json input);

  // multipart.cpp, complete_upload.cpp, list_uploads.cpp
  Output create_multipart_upload(Context& context, Json input);
  Task<Output> upload_part(Context& context, Json input);
  Output complete_multipart_upload(Context& context, Json input);
  Output abort_multipart_upload(Context& context, Json input);
  Output list_parts(Context& context, Json input);
  Output list_multipart_uploads(Context& context, Json input);
  void write_part(Context& context, const Bucket& bucket, const Upload& upload, Part& part,
                  storage::Batch& batch);
  Upload open_upload(const Bucket& bucket, const Json& input) const;

  gateway::Platform& platform_;
  gateway::HostRules hosts_;
  Store store_;
  Catalog catalog_;
  Addresses addresses_;
  std::map<std::string_view, std::string_view> actions_;  // of IAM, by operation
  std::deque<std::string> record_actions_;  // names that the operation table refers to
  std::mutex orders_mutex_;
  std::map<RealmId, std::pair<uint64_t, uint64_t>> orders_;  // next, end of the reserved block
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::s3
