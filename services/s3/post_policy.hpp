// The policy document of a browser's form, and the form's fields
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html). Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace paddock::services::s3 {

// The fields before the file, by their names in lower case.
struct FormFields {
  std::map<std::string, std::string, std::less<>> values;

  bool has(std::string_view name) const { return values.find(name) != values.end(); }
  std::string get(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  }
};

// How long the file may be.
struct SizeRange {
  uint64_t least = 0;
  uint64_t most = 0;
};

// Checks the fields against the policy, base64 as it came. `most` is S3's own limit, `expired` says
// whether a moment (milliseconds since 1970, of the client's clock) has passed. Throws AwsError
// AccessDenied, InvalidPolicyDocument.
SizeRange check_post_policy(const std::string& encoded, const FormFields& fields,
                            std::string_view bucket, uint64_t most,
                            const std::function<bool(int64_t)>& expired);

}  // namespace paddock::services::s3
