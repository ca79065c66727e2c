// Object lock: what may not be deleted, and until when. Pure rules.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
#pragma once

#include "core/clock.hpp"
#include "services/s3/model.hpp"

namespace paddock::services::s3 {

// In a bucket's records: its ObjectLockConfiguration. Without one there are no locks in the bucket.
inline constexpr const char* kLockRecord = "object-lock";

bool has_object_lock(const Bucket& bucket);

// Whether this version may not be deleted now. `bypass`: governance does not hold.
bool is_locked(const Object& object, WorldTime now, bool bypass);

// Lock headers of a request that writes an object: checks them and puts them into the object's
// facts (JSON text, as Object::facts). With `defaults`, what the bucket gives objects that ask for
// nothing. Throws AwsError.
void take_lock_headers(const Bucket& bucket, const Json& input, WorldTime now, bool defaults,
                       std::string& facts);
// True if a request has such headers.
bool asks_for_lock(const Json& input);
// Locks belong to one version: takes them out of the facts of a copy.
void drop_locks(Json& facts);

}  // namespace paddock::services::s3
