// Sub-resources of buckets that are kept and given back as they were put: policy, CORS,
// website, encryption, ownership, public access block, payer, acceleration, logging. And the ACLs,
// of which there is one only while ownership is enforced.
#include "core/text.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace bucket_records {

using Check = void (*)(const Bucket&, Json& document);

// One sub-resource. Its document is the payload of the operation that puts it.
struct Record {
  const char* name;     // in the bucket's records
  const char* payload;  // the input's member
  bool wrapped;         // the output has the same member, else the document's own
  std::string_view put;
  std::string_view get;
  std::string_view erase;    // "": there is no such operation
  const char* missing_code;  // nullptr: without one the document is empty
  const char* missing_text;
  std::string_view action;  // of IAM, behind Put, Get and Delete
  std::string_view reason;  // of its fidelity
  std::string_view before;  // the document of a bucket that was put none, as JSON; "": none
  Check check;
};

constexpr size_t kPolicyBytes = 20 * 1024;

AwsError malformed_policy(std::string message) {
  return AwsError("MalformedPolicy", std::move(message));
}

void check_policy(const Bucket&, Json& document) {
  const std::string& text = document.get_ref<const std::string&>();
  if (text.size() > kPolicyBytes) throw malformed_policy("The policy is too large");
  const bool object = text.starts_with('{');
  Json policy;
  try {
    if (object) policy = wire::parse_json(text);
  } catch (const std::invalid_argument&) {
    policy = Json();
  }
  if (!policy.is_object()) {
    throw malformed_policy("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!policy.contains("Statement")) throw malformed_policy("Missing required field Statement");
}

void check_cors(const Bucket&, Json& document) {
  const Json& rules = document[members::CORSRules];
  if (rules.empty() || rules.size() > 100) throw errors::malformed_xml();
  for (const Json& rule : rules) {
    for (const Json& method : rule[members::AllowedMethods]) {
      const std::string& name = method.get_ref<const std::string&>();
      if (name != "GET" && name != "PUT" && name != "POST" && name != "DELETE" && name != "HEAD") {
        throw errors::invalid_request(
            "Found unsupported HTTP method in CORS config. Unsupported method is " + name);
      }
    }
  }
}

void check_website(const Bucket&, Json& document) {
  if (document.contains(members::RedirectAllRequestsTo)) {
    if (document.size() > 1) {
      throw errors::invalid_argument(
          "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
          "RedirectAllRequestsTo", "not null");
    }
    return;
  }
  if (!document.contains(members::IndexDocument)) {
    throw errors::invalid_argument(
        "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        "IndexDocument", "null");
  }
  const std::string suffix = text_of(document[members::IndexDocument], members::Suffix);
  if (suffix.empty() || suffix.find('/') != std::string::npos) {
    throw errors::invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument",
                                   suffix);
  }
}

void check_encryption(const Bucket&, Json& document) {
  check_default_encryption(document);
}

void check_ownership(const Bucket&, Json& document) {
  if (document[members::Rules].size() != 1) throw errors::malformed_xml();
}

void check_acceleration(const Bucket& bucket, Json&) {
  if (bucket.name.find('.') != std::string::npos) {
    throw errors::invalid_request(
        "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
  }
}

void check_nothing(const Bucket&, Json&) {}

constexpr Record kRecords[] = {
    {"policy", members::Policy, true, "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy",
     "NoSuchBucketPolicy", "The bucket policy does not exist", "BucketPolicy",
     "kept as a record, not evaluated", "", &check_policy},
    {"cors", members::CORSConfiguration, false, "PutBucketCors", "GetBucketCors",
     "DeleteBucketCors", "NoSuchCORSConfiguration", "The CORS configuration does not exist",
     "BucketCORS", "kept as a record, not applied", "", &check_cors},
    {"website", members::WebsiteConfiguration, false, "PutBucketWebsite", "GetBucketWebsite",
     "DeleteBucketWebsite", "NoSuchWebsiteConfiguration",
     "The specified bucket does not have a website configuration", "BucketWebsite",
     "kept as a record, not served", "", &check_website},
    {"encryption", members::ServerSideEncryptionConfiguration, true, "PutBucketEncryption",
     "GetBucketEncryption", "DeleteBucketEncryption", nullptr, nullptr, "EncryptionConfiguration",
     "keys of KMS are kept in name",
     R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},)"
     R"("BucketKeyEnabled":false}]})",
     &check_encryption},
    {"public-access-block", members::PublicAccessBlockConfiguration, true, "PutPublicAccessBlock",
     "GetPublicAccessBlock", "DeletePublicAccessBlock", "NoSuchPublicAccessBlockConfiguration",
     "The public access block configuration was not found", "BucketPublicAccessBlock",
     "kept as a record: nothing is public",
     R"({"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,)"
     R"("RestrictPublicBuckets":true})",
     &check_nothing},
    {"ownership", members::OwnershipControls, true, "PutBucketOwnershipControls",
     "GetBucketOwnershipControls", "DeleteBucketOwnershipControls",
     "OwnershipControlsNotFoundError", "The bucket ownership controls were not found",
     "BucketOwnershipControls", "kept as a record: ACLs stay off",
     R"({"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]})", &check_ownership},
    {"payer", members::RequestPaymentConfiguration, false, "PutBucketRequestPayment",
     "GetBucketRequestPayment", "", nullptr, nullptr, "BucketRequestPayment", "kept as a record",
     R"({"Payer":"BucketOwner"})", &check_nothing},
    {"acceleration", members::AccelerateConfiguration, false, "PutBucketAccelerateConfiguration",
     "GetBucketAccelerateConfiguration", "", nullptr, nullptr, "AccelerateConfiguration",
     "kept as a record", "{}", &check_acceleration},
    {"logging", members::BucketLoggingStatus, false, "PutBucketLogging", "GetBucketLogging", "",
     nullptr, nullptr, "BucketLogging", "kept as a record, nothing is logged", "{}",
     &check_nothing},
};

// The document in force; null if there is none.
Json document_of(const Bucket& bucket, const Record& record) {
  const auto put = bucket.records.find(record.name);
  if (put != bucket.records.end()) return *put;
  if (record.name == std::string_view("ownership")) {
    return {{members::Rules, Json::array({{{members::ObjectOwnership, bucket.ownership}}})}};
  }
  return record.before.empty() ? Json() : Json::parse(record.before);
}

std::string action_name(std::string_view verb, const Record& record) {
  return "s3:" + std::string(verb) + std::string(record.action);
}

}  // namespace bucket_records

void S3::add_record_operations(Operations& operations) {
  using bucket_records::Record;
  using gateway::Access;
  for (const Record& record : bucket_records::kRecords) {
    const auto fidelity = gateway::Fidelity::partial(record.reason);
    const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                         std::string_view verb) {
      const std::string& action =
          record_actions_.emplace_back(bucket_records::action_name(verb, record));
      operations.push_back({name, std::move(handler), access, fidelity, action, &bucket_resource,
                            members::Bucket, nullptr});
    };
    add(record.get, gateway::PlainHandler([this, &record](Context& context, Json input) -> Output {
          const BucketPtr bucket = open_bucket(context, input);
          Json document = bucket_records::document_of(*bucket, record);
          if (document.is_null()) {
            if (record.missing_code == nullptr) return {};
            throw AwsError(record.missing_code, record.missing_text, 404)
                .with("BucketName", bucket->name);
          }
          if (record.wrapped) return Json{{record.payload, std::move(document)}};
          return document;
        }),
        Access::read, "Get");
    add(record.put, gateway::SlowHandler{[this, &record](Context& context, Json input) -> Output {
          const BucketPtr bucket = open_bucket(context, input);
          check_document_digest(context, false);
          Json document = input[record.payload];
          record.check(*bucket, document);
          change_bucket(context, bucket, [&](Bucket& changed) {
            changed.records[record.name] = std::move(document);
          });
          Output output;
          if (record.wrapped && record.payload == members::Policy) output.status = 204;
          return output;
        }},
        Access::write, "Put");
    if (record.erase.empty()) continue;
    add(record.erase, gateway::SlowHandler{[this, &record](Context& context, Json input) -> Output {
          const BucketPtr bucket = open_bucket(context, input);
          change_bucket(context, bucket, [&record](Bucket& changed) {
            // What a new bucket has and this one shall not is kept as none.
            if (record.missing_code != nullptr && !record.before.empty()) {
              changed.records[record.name] = Json();
            } else {
              changed.records.erase(record.name);
            }
          });
          return {};
        }},
        Access::write, "Put");
  }
  const auto owner_alone = gateway::Fidelity::partial("ownership is enforced: the owner alone");
  operations.push_back({"GetBucketAcl", gateway::plain(this, &S3::get_bucket_acl), Access::read,
                        owner_alone, "s3:GetBucketAcl", &bucket_resource, members::Bucket,
                        nullptr});
  operations.push_back({"GetObjectAcl", gateway::plain(this, &S3::get_object_acl), Access::read,
                        owner_alone, "s3:GetObjectAcl", &object_resource, members::Bucket,
                        nullptr});
  operations.push_back({"PutBucketAcl", gateway::plain(this, &S3::put_acl), Access::write,
                        owner_alone, "s3:PutBucketAcl", &bucket_resource, members::Bucket,
                        nullptr});
  operations.push_back({"PutObjectAcl", gateway::plain(this, &S3::put_acl), Access::write,
                        owner_alone, "s3:PutObjectAcl", &object_resource, members::Bucket,
                        nullptr});
}

// The ACL of everything in a bucket whose owner owns it all.
Json S3::owner_acl(const Bucket& bucket) const {
  Json grantee = owner_document(bucket.account);
  grantee[members::Type] = "CanonicalUser";
  Json grant = {{members::Grantee, std::move(grantee)}, {members::Permission, "FULL_CONTROL"}};
  return {{members::Owner, owner_document(bucket.account)},
          {members::Grants, Json::array({std::move(grant)})}};
}

gateway::Output S3::get_bucket_acl(Context& context, Json input) {
  return owner_acl(*open_bucket(context, input));
}

gateway::Output S3::get_object_acl(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Object object =
      readable(*bucket, text_of(input, members::Key), text_of(input, members::VersionId));
  Output output(owner_acl(*bucket));
  if (bucket->versioning != Versioning::off) {
    output.headers.set("x-amz-version-id", object.shown_version());
  }
  return output;
}

gateway::Output S3::put_acl(Context& context, Json input) {
  open_bucket(context, input);
  throw errors::acls_not_supported();
}

}  // namespace paddock::services::s3
