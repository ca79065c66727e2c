// Amazon Resource Names (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paddock {

struct Arn {
  std::string partition = "aws";
  std::string service;
  std::string region;    // empty for global services
  std::string account;   // empty where the resource has none (S3 buckets)
  std::string resource;  // everything after the fifth colon: "table/T", "function:f:1"

  std::string text() const;
  // nullopt unless the text has "arn:" and at least five colons and none of partition, service and
  // resource is empty.
  static std::optional<Arn> parse(std::string_view text);
};

// arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE
std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource);

}  // namespace paddock
