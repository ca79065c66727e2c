#include "services/s3/event_record.hpp"

#include <nlohmann/json.hpp>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "gateway/context.hpp"
#include "services/s3/requests.hpp"
#include "storage/keys.hpp"

namespace paddock::services::s3 {
namespace event_records {

using Ordered = nlohmann::ordered_json;

constexpr std::string_view kService = "s3.amazonaws.com";
constexpr const char* kEmptyMd5 = "d41d8cd98f00b204e9800998ecf8427e";

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// An account as AWS's customers are named: "A" and 13 letters and digits.
std::string customer_id(const std::string& account) {
  constexpr size_t kDigits = 13;
  return "A" + upper(canonical_id(account).substr(0, kDigits));
}

// As recorded: events of tags, ACLs and of S3 itself are of a later version of the format.
bool is_later_version(std::string_view name) {
  return name.starts_with("ObjectTagging:") || name.starts_with("ObjectAcl:") ||
         name.starts_with("Lifecycle") || name == "ObjectRestore:Delete" ||
         name == "IntelligentTiering";
}

Ordered object_member(const Bucket& bucket, const Happening& happening) {
  const Object& object = happening.object;
  const std::string_view name = happening.name;
  Ordered shown = {{"key", encoded_key(happening.key)}};
  const bool whole = name.starts_with("ObjectCreated:") || name.starts_with("ObjectRestore:") ||
                     name == "LifecycleTransition";
  const bool marker = object.delete_marker && name.ends_with("DeleteMarkerCreated");
  if (whole) shown["size"] = object.size;
  if (marker) {
    shown["eTag"] = kEmptyMd5;
  } else if (!name.starts_with("ObjectRemoved:") && !name.starts_with("LifecycleExpiration:")) {
    shown["eTag"] = object.etag;
  }
  if (bucket.versioning != Versioning::off && !object.is_null()) {
    shown["versionId"] = object.version_id;
  }
  if (!name.starts_with("ObjectTagging:") && !name.starts_with("ObjectAcl:")) {
    std::string bytes;
    storage::append_u64(bytes, happening.sequence);
    shown["sequencer"] = "00" + upper(to_hex(bytes));
  }
  return shown;
}

}  // namespace event_records

Origin origin_of(const gateway::RequestContext& context) {
  const identity::Principal& principal = context.principal;
  Origin origin;
  using Kind = identity::Principal::Kind;
  if (principal.kind == Kind::anonymous) {
    origin.principal_id = "Anonymous";
  } else if (principal.kind == Kind::root) {
    origin.principal_id = event_records::customer_id(context.account);
  } else {
    origin.principal_id = "AWS:" + principal.user_id;
  }
  origin.source_ip = context.source_ip.empty() ? "127.0.0.1" : context.source_ip;
  origin.request_id = context.request_id;
  origin.cause = context.cause;
  ++origin.cause.depth;
  return origin;
}

Origin origin_of_s3(std::string request_id) {
  Origin origin;
  origin.principal_id = event_records::kService;
  origin.source_ip = event_records::kService;
  origin.cause.request_id = request_id;
  origin.request_id = std::move(request_id);
  return origin;
}

std::string event_text(const Bucket& bucket, const std::string& configuration, const Origin& origin,
                       const Happening& happening) {
  using event_records::Ordered;
  Ordered record;
  record["eventVersion"] = event_records::is_later_version(happening.name) ? "2.3" : "2.1";
  record["eventSource"] = "aws:s3";
  record["awsRegion"] = bucket.region;
  record["eventTime"] = iso8601(happening.at.ms);
  record["eventName"] = happening.name;
  record["userIdentity"]["principalId"] = origin.principal_id;
  record["requestParameters"]["sourceIPAddress"] = origin.source_ip;
  record["responseElements"]["x-amz-request-id"] = origin.request_id;
  record["responseElements"]["x-amz-id-2"] = to_base64(sha256(origin.request_id));
  Ordered& s3 = record["s3"];
  s3["s3SchemaVersion"] = "1.0";
  s3["configurationId"] = configuration;
  s3["bucket"]["name"] = bucket.name;
  s3["bucket"]["ownerIdentity"]["principalId"] = event_records::customer_id(bucket.account);
  s3["bucket"]["arn"] = "arn:aws:s3:::" + bucket.name;
  s3["object"] = event_records::object_member(bucket, happening);
  if (happening.name == "ObjectRestore:Completed") {
    Ordered& restored = record["glacierEventData"]["restoreEventData"];
    restored["lifecycleRestorationExpiryTime"] = iso8601(happening.restored_until.ms);
    restored["lifecycleRestoreStorageClass"] = happening.object.storage_class;
  }
  Ordered event;
  event["Records"] = Ordered::array({std::move(record)});
  return event.dump();
}

std::string test_event_text(const Bucket& bucket, const std::string& request_id, WorldTime at) {
  event_records::Ordered event;
  event["Service"] = "Amazon S3";
  event["Event"] = "s3:TestEvent";
  event["Time"] = iso8601(at.ms);
  event["Bucket"] = bucket.name;
  event["RequestId"] = request_id;
  event["HostId"] = to_base64(sha256(request_id));
  return event.dump();
}

}  // namespace paddock::services::s3
