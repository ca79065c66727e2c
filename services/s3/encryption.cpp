#include "services/s3/encryption.hpp"

#include "core/cipher.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {
namespace encryptions {

constexpr const char* kHeader = "x-amz-server-side-encryption";
constexpr const char* kAes = "AES256";

struct KeyMembers {
  const char* algorithm;
  const char* key;
  const char* md5;
};

AwsError refused(std::string message) {
  return errors::invalid_argument(std::move(message), kHeader);
}

AwsError unknown_algorithm(const std::string& name) {
  return AwsError("InvalidEncryptionAlgorithmError",
                  "The Encryption request you specified is not valid. Supported value: AES256.")
      .with("ArgumentName", kHeader)
      .with("ArgumentValue", name);
}

CustomerKey read_key(const Json& input, const KeyMembers& members) {
  const std::string algorithm = text_of(input, members.algorithm);
  const std::string key = text_of(input, members.key);
  CustomerKey read;
  read.md5 = text_of(input, members.md5);
  if (algorithm.empty() && key.empty() && read.md5.empty()) return read;
  if (algorithm.empty()) {
    throw refused(
        "Requests specifying Server Side Encryption with Customer provided keys must provide a "
        "valid encryption algorithm.");
  }
  if (algorithm != kAes) throw unknown_algorithm(algorithm);
  if (key.empty()) {
    throw refused(
        "Requests specifying Server Side Encryption with Customer provided keys must provide an "
        "appropriate secret key.");
  }
  const auto bytes = from_base64(key);
  if (!bytes || bytes->size() != Aes256Counter::kKeyBytes) {
    throw refused("The secret key was invalid for the specified algorithm.");
  }
  if (read.md5.empty()) {
    throw refused(
        "Requests specifying Server Side Encryption with Customer provided keys must provide the "
        "client calculated MD5 of the secret key.");
  }
  if (read.md5 != to_base64(md5(*bytes))) {
    throw refused("The calculated MD5 hash of the key did not match the hash that was provided.");
  }
  read.key = *bytes;
  return read;
}

Json facts_of(const std::string& facts) {
  return facts.empty() ? Json::object() : Json::parse(facts);
}

constexpr const char* kFacts[] = {
    members::SSECustomerAlgorithm, members::SSECustomerKeyMD5, members::ServerSideEncryption,
    members::SSEKMSKeyId,          members::BucketKeyEnabled,
};

// A key of KMS is shown by its ARN. Without one it is the account's own for S3.
std::string key_arn(const Bucket& bucket, const std::string& id) {
  if (id.starts_with("arn:")) return id;
  const std::string start = "arn:aws:kms:" + bucket.region + ":" + bucket.account + ":";
  if (id.starts_with("alias/")) return start + id;
  if (!id.empty()) return start + "key/" + id;
  const std::string hex = sha256_hex("aws/s3 " + bucket.account + " " + bucket.region);
  return start + "key/" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(12, 3) +
         "-8" + hex.substr(15, 3) + "-" + hex.substr(18, 12);
}

// What a bucket gives objects that ask for nothing: {} for S3's own.
Json default_of(const Bucket& bucket) {
  const auto record = bucket.records.find("encryption");
  if (record == bucket.records.end() || !record->is_object()) return Json::object();
  return (*record)[members::Rules][0];
}

// Of KMS: the members that are kept.
Json kms_facts(const Bucket& bucket, const Json& input) {
  const Json fallback = default_of(bucket);
  std::string algorithm = text_of(input, members::ServerSideEncryption);
  std::string key = text_of(input, members::SSEKMSKeyId);
  if (algorithm.empty()) {
    if (!key.empty()) {
      throw errors::invalid_argument(
          "Server Side Encryption with AWS KMS managed key requires HTTP header "
          "x-amz-server-side-encryption : aws:kms",
          kHeader);
    }
    const Json chosen = fallback.value(members::ApplyServerSideEncryptionByDefault, Json::object());
    algorithm = text_of(chosen, members::SSEAlgorithm);
    key = text_of(chosen, members::KMSMasterKeyID);
  }
  if (!algorithm.starts_with("aws:kms")) {
    if (!key.empty()) {
      throw errors::invalid_argument(
          "Server Side Encryption with AWS KMS managed key requires HTTP header "
          "x-amz-server-side-encryption : aws:kms",
          kHeader, algorithm);
    }
    return Json::object();
  }
  Json kept = {{members::ServerSideEncryption, algorithm},
               {members::SSEKMSKeyId, key_arn(bucket, key)}};
  const bool by_default = fallback.value(members::BucketKeyEnabled, false);
  if (input.value(members::BucketKeyEnabled, by_default)) kept[members::BucketKeyEnabled] = true;
  return kept;
}

}  // namespace encryptions

CustomerKey customer_key(const Json& input) {
  const bool asked = input.contains(members::SSECustomerAlgorithm) ||
                     input.contains(members::SSECustomerKey) ||
                     input.contains(members::SSECustomerKeyMD5);
  const std::string other = text_of(input, members::ServerSideEncryption);
  if (asked && !other.empty()) {
    throw errors::invalid_argument(
        "Server Side Encryption with Customer provided key is incompatible with the encryption "
        "method specified",
        encryptions::kHeader, other);
  }
  return encryptions::read_key(
      input, {members::SSECustomerAlgorithm, members::SSECustomerKey, members::SSECustomerKeyMD5});
}

CustomerKey source_key(const Json& input) {
  return encryptions::read_key(
      input, {members::CopySourceSSECustomerAlgorithm, members::CopySourceSSECustomerKey,
              members::CopySourceSSECustomerKeyMD5});
}

void take_encryption(const Bucket& bucket, const Json& input, const CustomerKey& key,
                     std::string& facts) {
  Json kept = encryptions::facts_of(facts);
  for (const char* member : encryptions::kFacts) kept.erase(member);
  kept.erase(kCounterFact);
  if (key.given()) {
    kept[members::SSECustomerAlgorithm] = encryptions::kAes;
    kept[members::SSECustomerKeyMD5] = key.md5;
  } else {
    kept.update(encryptions::kms_facts(bucket, input));
  }
  facts = kept.empty() ? std::string() : kept.dump();
}

void show_encryption(const std::string& facts, Json& output) {
  const Json kept = encryptions::facts_of(facts);
  output.erase(members::ServerSideEncryption);
  for (const char* member : encryptions::kFacts) {
    if (kept.contains(member)) output[member] = kept[member];
  }
  if (!kept.contains(members::SSECustomerAlgorithm) &&
      !kept.contains(members::ServerSideEncryption)) {
    output[members::ServerSideEncryption] = encryptions::kAes;
  }
}

void check_key(const std::string& facts, const CustomerKey& key) {
  if (facts.empty() && !key.given()) return;
  const std::string kept = text_of(encryptions::facts_of(facts), members::SSECustomerKeyMD5);
  if (kept.empty() && !key.given()) return;
  if (kept.empty()) {
    throw errors::invalid_request("The encryption parameters are not applicable to this object.");
  }
  if (!key.given()) {
    throw errors::invalid_request(
        "The object was stored using a form of Server Side Encryption. The correct parameters must "
        "be provided to retrieve the object.");
  }
  if (kept != key.md5) {
    throw AwsError("AccessDenied",
                   "Requests specifying Server Side Encryption with Customer provided keys must "
                   "provide the correct secret key.",
                   403);
  }
}

void check_part_key(const std::string& facts, const CustomerKey& key) {
  const std::string kept = text_of(encryptions::facts_of(facts), members::SSECustomerKeyMD5);
  if (kept.empty() == key.given()) {
    throw errors::invalid_request(
        "The multipart upload initiate requested encryption. Subsequent part requests must include "
        "the appropriate encryption parameters.");
  }
  if (kept != key.md5) {
    throw errors::invalid_request(
        "The provided encryption parameters did not match the ones used originally.");
  }
}

std::string counter_of(const std::string& facts) {
  if (facts.empty()) return "";
  return from_hex(text_of(Json::parse(facts), kCounterFact)).value_or("");
}

void set_counter(const std::string& start, std::string& facts) {
  if (start.empty()) return;
  Json kept = encryptions::facts_of(facts);
  kept[kCounterFact] = to_hex(start);
  facts = kept.dump();
}

void check_default_encryption(const Json& configuration) {
  const Json& rules = configuration[members::Rules];
  if (rules.size() != 1) throw errors::malformed_xml();
  const auto chosen = rules[0].find(members::ApplyServerSideEncryptionByDefault);
  if (chosen == rules[0].end()) throw errors::malformed_xml();
  const std::string algorithm = text_of(*chosen, members::SSEAlgorithm);
  if (algorithm != encryptions::kAes && !algorithm.starts_with("aws:kms")) {
    throw errors::malformed_xml();
  }
  if (algorithm == encryptions::kAes && chosen->contains(members::KMSMasterKeyID)) {
    throw errors::invalid_argument(
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
        "aws:kms:dsse",
        "ApplyServerSideEncryptionByDefault");
  }
}

}  // namespace paddock::services::s3
