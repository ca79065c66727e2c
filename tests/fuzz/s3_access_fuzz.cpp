// What S3 reads of who may: policies of buckets and of forms.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "services/s3/bucket_policy.hpp"
#include "services/s3/post_policy.hpp"

namespace s3 = paddock::services::s3;

namespace {

void judge(const std::string& text) {
  try {
    const paddock::Json policy = s3::parse_policy(text, "bucket");
    const s3::Requester nobody{true, "", "", std::string(64, '0')};
    const s3::ConditionValues values = [](std::string_view key) {
      return std::vector<std::string>{std::string(key)};
    };
    s3::evaluate_policy(policy, {nobody, "s3:GetObject", "arn:aws:s3:::bucket/key", values});
    s3::is_public_policy(policy);
  } catch (const paddock::AwsError& error) {
    if (error.code() != "MalformedPolicy") std::abort();
  }
}

void post(const std::string& text) {
  s3::FormFields fields;
  fields.values = {{"key", "k"}, {"policy", ""}, {"content-type", "a, b"}};
  try {
    const auto never = [](int64_t) { return false; };
    const s3::SizeRange range =
        s3::check_post_policy(paddock::to_base64(text), fields, "bucket", 100, never);
    if (range.most > 100) std::abort();
  } catch (const paddock::AwsError& error) {
    if (error.code() != "AccessDenied" && error.code() != "InvalidPolicyDocument") std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  judge(text);
  post(text);
  const size_t middle = size / 2;
  s3::wildcard_match(std::string_view(text).substr(0, middle),
                     std::string_view(text).substr(middle));
  return 0;
}
