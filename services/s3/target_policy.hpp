// Whether the policy of a queue, a topic or a function lets S3 in. Pure.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
#pragma once

#include <string>
#include <string_view>

namespace paddock::services::s3 {

// S3's wish, on behalf of a bucket.
struct Wish {
  std::string action;          // "sqs:SendMessage"; compared without regard to case
  std::string resource;        // the destination's ARN
  std::string source_arn;      // the bucket's
  std::string source_account;  // its owner
};

// True if a statement allows it and none denies it. A condition that cannot be decided (an operator
// or a key that S3 does not send) does not hold. A document that is no policy allows nothing.
bool lets_s3_in(std::string_view policy_text, const Wish& wish);

}  // namespace paddock::services::s3
