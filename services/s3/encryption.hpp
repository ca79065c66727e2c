// Encryption of objects: with the customer's key (really done), with keys of KMS (kept in name), or
// S3's own.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
#pragma once

#include <string>

#include "services/s3/model.hpp"

namespace paddock::services::s3 {

// In an object's facts: the counter's start of its body, in hex. Its key is not kept.
inline constexpr const char* kCounterFact = "Counter";

// A customer's key as a request gives it.
struct CustomerKey {
  std::string key;  // 32 bytes; "": none
  std::string md5;  // of it, base64

  bool given() const { return !key.empty(); }
};

// Of the headers x-amz-server-side-encryption-customer-…, or those for the source of a copy. Throws
// AwsError.
CustomerKey customer_key(const Json& input);
CustomerKey source_key(const Json& input);

// Puts into the facts (JSON text) of a new object or upload how it is encrypted: as the request
// says, else as the bucket's default does. Former ones are dropped. Throws AwsError.
void take_encryption(const Bucket& bucket, const Json& input, const CustomerKey& key,
                     std::string& facts);
// Puts the members that say so into an answer.
void show_encryption(const std::string& facts, Json& output);

// The key must be the one that the object was written with. Throws InvalidRequest, AccessDenied.
void check_key(const std::string& facts, const CustomerKey& key);
// The same for a part of an upload.
void check_part_key(const std::string& facts, const CustomerKey& key);

// The counter's start in an object's facts, raw; "": it is not encrypted.
std::string counter_of(const std::string& facts);
void set_counter(const std::string& start, std::string& facts);

// A bucket's default as it was put. Throws AwsError.
void check_default_encryption(const Json& configuration);

}  // namespace paddock::services::s3
