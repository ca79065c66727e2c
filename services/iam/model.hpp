// What IAM keeps, and its pure rules: names, ids, ARNs, policy documents. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"

namespace paddock::services::iam {

struct Tag {
  std::string key;
  std::string value;
};

struct Role {
  std::string name;
  std::string id;  // AROA…
  std::string path = "/";
  std::string trust_policy;  // as given
  std::string description;
  int max_session_s = 3600;
  std::string permissions_boundary;  // ARN of a managed policy, or ""
  std::vector<Tag> tags;
  WorldTime created;
};

struct User {
  std::string name;
  std::string id;  // AIDA…
  std::string path = "/";
  std::string permissions_boundary;
  std::vector<Tag> tags;
  WorldTime created;
};

struct AccessKey {
  std::string id;  // AKIA…
  std::string secret;
  std::string user;  // "" for the account's root
  bool active = true;
  WorldTime created;
};

std::string role_arn(std::string_view account, std::string_view path, std::string_view name);
std::string user_arn(std::string_view account, std::string_view path, std::string_view name);

// A unique id as IAM writes them: 4 letters of its kind and 17 of base 32, "AROA…".
std::string unique_id(std::string_view prefix, const IdBytes& bytes);
// 20 characters, "AKIA…". Like AWS's, it holds the account, so that a key's owner is found without
// a directory of all keys.
std::string access_key_id(std::string_view account, const IdBytes& bytes);
// The account within an access key id; nullopt if it cannot be one of ours.
std::optional<std::string> account_of_access_key(std::string_view access_key);
// 40 characters of base 64.
std::string secret_access_key(const IdBytes& bytes);

// Throws InvalidInputException when two keys are equal but for case.
void check_tags(const std::vector<Tag>& tags);

// Documents of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// Throw MalformedPolicyDocumentException.
void check_trust_policy(std::string_view document);
void check_identity_policy(std::string_view document);
// How AWS measures documents: characters but white space.
size_t policy_size(std::string_view document);

}  // namespace paddock::services::iam
