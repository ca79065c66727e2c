// S3's errors with AWS's codes and messages, as recorded from the service or listed in
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace paddock::services::s3::errors {

inline AwsError invalid_request(std::string message) {
  return AwsError("InvalidRequest", std::move(message));
}
inline AwsError invalid_argument(std::string message, std::string_view name) {
  return AwsError("InvalidArgument", std::move(message)).with("ArgumentName", std::string(name));
}
inline AwsError invalid_argument(std::string message, std::string_view name,
                                 std::string_view value) {
  return invalid_argument(std::move(message), name).with("ArgumentValue", std::string(value));
}
inline AwsError access_denied() {
  return AwsError("AccessDenied", "Access Denied", 403);
}
inline AwsError object_locked() {
  return AwsError("AccessDenied", "Access Denied because object protected by object lock.", 403);
}
inline AwsError versioning_locked() {
  return AwsError("InvalidBucketState",
                  "An Object Lock configuration is present on this bucket, so the versioning state "
                  "cannot be changed.",
                  409);
}
inline AwsError lock_without_digest() {
  return invalid_request(
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object "
      "Lock parameters");
}
inline AwsError malformed_xml() {
  return AwsError("MalformedXML",
                  "The XML you provided was not well-formed or did not validate against our "
                  "published schema");
}
inline AwsError malformed_acl() {
  return AwsError("MalformedACLError", malformed_xml().message());
}
inline AwsError missing_body() {
  return AwsError("MissingRequestBodyError", "Request Body is empty");
}
// What AWS has and is not emulated here: 501, naming the header.
inline AwsError header_not_implemented(std::string_view header) {
  return AwsError("NotImplemented",
                  "A header you provided implies functionality that is not implemented", 501)
      .with("Header", std::string(header));
}
inline AwsError query_not_implemented(std::string_view parameter) {
  return AwsError("NotImplemented",
                  "The query parameter '" + std::string(parameter) +
                      "' implies functionality that is not implemented",
                  501)
      .with("ResourceType", std::string(parameter));
}
inline AwsError method_not_allowed(std::string_view method, std::string_view resource) {
  return AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.",
                  405)
      .with("Method", std::string(method))
      .with("ResourceType", std::string(resource));
}
inline AwsError invalid_uri() {
  return AwsError("InvalidURI", "Couldn't parse the specified URI.");
}

inline AwsError no_such_bucket(std::string_view name) {
  return AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
      .with("BucketName", std::string(name));
}
inline AwsError invalid_bucket_name(std::string_view name) {
  return AwsError("InvalidBucketName", "The specified bucket is not valid.")
      .with("BucketName", std::string(name));
}
inline AwsError bucket_exists(std::string_view name) {
  return AwsError("BucketAlreadyExists",
                  "The requested bucket name is not available. The bucket namespace is shared by "
                  "all users of the system. Please select a different name and try again.",
                  409)
      .with("BucketName", std::string(name));
}
inline AwsError bucket_owned(std::string_view name) {
  return AwsError("BucketAlreadyOwnedByYou",
                  "Your previous request to create the named bucket succeeded and you already own "
                  "it.",
                  409)
      .with("BucketName", std::string(name));
}
inline AwsError bucket_not_empty(std::string_view name, bool versioned) {
  std::string message = "The bucket you tried to delete is not empty";
  if (versioned) message += ". You must delete all versions in the bucket.";
  return AwsError("BucketNotEmpty", std::move(message), 409).with("BucketName", std::string(name));
}
inline AwsError too_many_buckets() {
  return AwsError("TooManyBuckets", "You have attempted to create more buckets than allowed");
}
inline AwsError invalid_location(std::string_view constraint) {
  return AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid")
      .with("LocationConstraint", std::string(constraint));
}
// Clients take the region from it and try again (s3cmd signs its first request for "US").
inline AwsError wrong_region(std::string_view signed_for, std::string_view expected) {
  return AwsError("AuthorizationHeaderMalformed",
                  "The authorization header is malformed; the region '" + std::string(signed_for) +
                      "' is wrong; expecting '" + std::string(expected) + "'")
      .with("Region", std::string(expected));
}
inline AwsError illegal_location(std::string_view constraint) {
  return AwsError("IllegalLocationConstraintException",
                  "The " + std::string(constraint) +
                      " location constraint is incompatible for the region specific endpoint this "
                      "request was sent to.");
}
inline AwsError invalid_owner_id(std::string_view id) {
  return AwsError("InvalidBucketOwnerAWSAccountID",
                  "The value of the expected bucket owner parameter must be an AWS Account ID... "
                  "[" +
                      std::string(id) + "]");
}
inline AwsError acls_not_supported() {
  return AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

inline AwsError acl_with_ownership() {
  return AwsError("InvalidBucketAclWithObjectOwnership",
                  "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
}

// Each destination with what is wrong with it.
inline AwsError bad_destinations(const std::vector<std::pair<std::string, std::string>>& faults) {
  AwsError error("InvalidArgument", "Unable to validate the following destination configurations");
  size_t number = 0;
  for (const auto& [destination, fault] : faults) {
    const std::string suffix = std::to_string(++number);
    error.with("ArgumentName" + suffix, destination).with("ArgumentValue" + suffix, fault);
  }
  return error;
}

inline AwsError invalid_protocol() {
  return invalid_request(
      "Invalid protocol, protocol can be http or https. If not defined the protocol will be "
      "selected automatically.");
}
inline AwsError no_such_policy(std::string_view bucket) {
  return AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
      .with("BucketName", std::string(bucket));
}

inline AwsError no_such_key(std::string_view key) {
  return AwsError("NoSuchKey", "The specified key does not exist.", 404)
      .with("Key", std::string(key));
}
inline AwsError no_such_version(std::string_view key, std::string_view version) {
  return AwsError("NoSuchVersion", "The specified version does not exist.", 404)
      .with("Key", std::string(key))
      .with("VersionId", std::string(version));
}
inline AwsError invalid_version_id(std::string_view version) {
  return invalid_argument("Invalid version id specified", "versionId", version);
}
inline AwsError key_too_long(size_t size, size_t most) {
  return AwsError("KeyTooLongError", "Your key is too long")
      .with("MaxSizeAllowed", std::to_string(most))
      .with("Size", std::to_string(size));
}
inline AwsError precondition_failed(std::string_view condition) {
  return AwsError("PreconditionFailed",
                  "At least one of the pre-conditions you specified did not hold", 412)
      .with("Condition", std::string(condition));
}
inline AwsError not_modified() {
  return AwsError("NotModified", "Not Modified", 304);
}
inline AwsError invalid_range(std::string_view range, uint64_t size) {
  return AwsError("InvalidRange", "The requested range is not satisfiable", 416)
      .with("ActualObjectSize", std::to_string(size))
      .with("RangeRequested", std::string(range));
}
inline AwsError invalid_part_number(uint32_t asked, size_t count) {
  return AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)
      .with("ActualPartCount", std::to_string(count))
      .with("PartNumberRequested", std::to_string(asked));
}
inline AwsError invalid_storage_class(std::string_view name) {
  return AwsError("InvalidStorageClass", "The storage class you specified is not valid")
      .with("StorageClassRequested", std::string(name));
}
inline AwsError metadata_too_large(size_t size, size_t most) {
  return AwsError("MetadataTooLarge",
                  "Your metadata headers exceed the maximum allowed metadata size")
      .with("MaxSizeAllowed", std::to_string(most))
      .with("Size", std::to_string(size));
}

inline AwsError missing_content_length() {
  return AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);
}
inline AwsError incomplete_body() {
  return AwsError("IncompleteBody",
                  "You did not provide the number of bytes specified by the Content-Length HTTP "
                  "header");
}
inline AwsError entity_too_large(uint64_t size, uint64_t most) {
  return AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
      .with("MaxSizeAllowed", std::to_string(most))
      .with("ProposedSize", std::to_string(size));
}
inline AwsError entity_too_small(uint64_t size, uint64_t least) {
  return AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
      .with("MinSizeAllowed", std::to_string(least))
      .with("ProposedSize", std::to_string(size));
}
inline AwsError invalid_digest(std::string_view given) {
  return AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.")
      .with("Content-MD5", std::string(given));
}
inline AwsError bad_md5(std::string_view expected, std::string_view calculated) {
  return AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.")
      .with("ExpectedDigest", std::string(expected))
      .with("CalculatedDigest", std::string(calculated));
}
inline AwsError bad_checksum(std::string_view name) {
  return AwsError("BadDigest", "The " + std::string(name) +
                                   " you specified did not match the calculated checksum.");
}
inline AwsError invalid_checksum_value(std::string_view header) {
  return invalid_request("Value for " + std::string(header) + " header is invalid.");
}
inline AwsError payload_hash_mismatch(std::string_view client, std::string_view computed) {
  return AwsError("XAmzContentSHA256Mismatch",
                  "The provided 'x-amz-content-sha256' header does not match what was computed.")
      .with("ClientComputedContentSHA256", std::string(client))
      .with("S3ComputedContentSHA256", std::string(computed));
}

inline AwsError no_such_upload(std::string_view id) {
  return AwsError("NoSuchUpload",
                  "The specified upload does not exist. The upload ID may be invalid, or the "
                  "upload may have been aborted or completed.",
                  404)
      .with("UploadId", std::string(id));
}
inline AwsError invalid_part(std::string_view upload, uint32_t number, std::string_view etag) {
  return AwsError("InvalidPart",
                  "One or more of the specified parts could not be found.  The part may not have "
                  "been uploaded, or the specified entity tag may not match the part's entity tag.")
      .with("ETag", std::string(etag))
      .with("PartNumber", std::to_string(number))
      .with("UploadId", std::string(upload));
}
inline AwsError invalid_part_order(std::string_view upload) {
  return AwsError("InvalidPartOrder",
                  "The list of parts was not in ascending order. Parts must be ordered by part "
                  "number.")
      .with("UploadId", std::string(upload));
}
inline AwsError part_too_small(std::string_view etag, uint32_t number, uint64_t size,
                               uint64_t least) {
  return AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
      .with("ETag", std::string(etag))
      .with("MinSizeAllowed", std::to_string(least))
      .with("PartNumber", std::to_string(number))
      .with("ProposedSize", std::to_string(size));
}

inline AwsError invalid_tag(std::string message) {
  return AwsError("InvalidTag", std::move(message));
}
inline AwsError no_such_tag_set(std::string_view bucket) {
  return AwsError("NoSuchTagSet", "The TagSet does not exist", 404)
      .with("BucketName", std::string(bucket));
}

}  // namespace paddock::services::s3::errors
