// S3's quotas: https://docs.aws.amazon.com/general/latest/gr/s3.html,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (multipart) and the pages
// named.
#pragma once

#include <cstddef>
#include <cstdint>

namespace paddock::services::s3::limits {

inline constexpr size_t kBucketsPerAccount = 10'000;
inline constexpr size_t kKeyBytes = 1024;           // UserGuide/object-keys.html
inline constexpr size_t kMetadataBytes = 2 * 1024;  // UserGuide/UsingMetadata.html
inline constexpr uint64_t kPutBytes = uint64_t{5} << 30;
inline constexpr uint64_t kObjectBytes = uint64_t{50} << 40;
inline constexpr uint64_t kPartBytes = uint64_t{5} << 30;
inline constexpr uint64_t kLeastPartBytes = uint64_t{5} << 20;  // but for the last part
inline constexpr uint32_t kParts = 10'000;
inline constexpr size_t kPage = 1000;           // of every list of keys, uploads and parts
inline constexpr size_t kBucketPage = 10'000;   // API_ListBuckets.html
inline constexpr size_t kKeysPerDelete = 1000;  // API_DeleteObjects.html
inline constexpr size_t kTagsPerObject = 10;    // UserGuide/object-tagging.html
inline constexpr size_t kNotifications = 100;   // API_PutBucketNotificationConfiguration.html
inline constexpr int64_t kLockDays = 36'500;    // UserGuide/object-lock.html
inline constexpr int64_t kLockYears = 100;
inline constexpr size_t kTagKeyCharacters = 128;
inline constexpr size_t kTagValueCharacters = 256;

}  // namespace paddock::services::s3::limits
