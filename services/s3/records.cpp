// Sub-resources of buckets that are kept and given back as they were put: policy, CORS, website,
// encryption, ownership, public access block, payer, acceleration, logging.
#include "core/text.hpp"
#include "services/s3/access.hpp"
#include "services/s3/acl.hpp"
#include "services/s3/bucket_policy.hpp"
#include "services/s3/cors.hpp"
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

void check_policy(const Bucket& bucket, Json& document) {
  const Json policy = parse_policy(document.get_ref<const std::string&>(), bucket.name);
  if (public_block_of(bucket).block_policy && is_public_policy(policy)) {
    throw errors::access_denied();
  }
}

void check_cors(const Bucket&, Json& document) {
  check_cors_rules(document);
}

void check_website(const Bucket&, Json& document) {
  check_website_rules(document);
}

void check_encryption(const Bucket&, Json& document) {
  check_default_encryption(document);
}

void check_ownership(const Bucket& bucket, Json& document) {
  if (document[members::Rules].size() != 1) throw errors::malformed_xml();
  const bool enforced =
      text_of(document[members::Rules][0], members::ObjectOwnership) == kOwnerEnforced;
  if (enforced && bucket_grants(bucket) != private_grants(canonical_id(bucket.account))) {
    throw errors::acl_with_ownership();
  }
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
     "principals of IAM are not evaluated", "", &check_policy},
    {"cors", members::CORSConfiguration, false, "PutBucketCors", "GetBucketCors",
     "DeleteBucketCors", "NoSuchCORSConfiguration", "The CORS configuration does not exist",
     "BucketCORS", "", "", &check_cors},
    {"website", members::WebsiteConfiguration, false, "PutBucketWebsite", "GetBucketWebsite",
     "DeleteBucketWebsite", "NoSuchWebsiteConfiguration",
     "The specified bucket does not have a website configuration", "BucketWebsite", "", "",
     &check_website},
    {"encryption", members::ServerSideEncryptionConfiguration, true, "PutBucketEncryption",
     "GetBucketEncryption", "DeleteBucketEncryption", nullptr, nullptr, "EncryptionConfiguration",
     "keys of KMS are kept in name",
     R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},)"
     R"("BucketKeyEnabled":false}]})",
     &check_encryption},
    {"public-access-block", members::PublicAccessBlockConfiguration, true, "PutPublicAccessBlock",
     "GetPublicAccessBlock", "DeletePublicAccessBlock", "NoSuchPublicAccessBlockConfiguration",
     "The public access block configuration was not found", "BucketPublicAccessBlock",
     "the block of a bucket that was put none is shown and does not act",
     R"({"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,)"
     R"("RestrictPublicBuckets":true})",
     &check_nothing},
    {"ownership", members::OwnershipControls, true, "PutBucketOwnershipControls",
     "GetBucketOwnershipControls", "DeleteBucketOwnershipControls",
     "OwnershipControlsNotFoundError", "The bucket ownership controls were not found",
     "BucketOwnershipControls", "", R"({"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]})",
     &check_ownership},
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

// Most sub-resources are dropped by who may put them.
std::string_view erase_verb(const Record& record) {
  const std::string_view name = record.name;
  return name == "policy" || name == "website" ? "Delete" : "Put";
}

}  // namespace bucket_records

void S3::add_record_operations(Operations& operations) {
  using bucket_records::Record;
  using gateway::Access;
  for (const Record& record : bucket_records::kRecords) {
    const auto fidelity = record.reason.empty() ? gateway::Fidelity::full()
                                                : gateway::Fidelity::partial(record.reason);
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
        Access::write, bucket_records::erase_verb(record));
  }
}

}  // namespace paddock::services::s3
