#include "services/s3/acl.hpp"

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {
namespace acl_rules {

constexpr const char* kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr const char* kAuthenticated = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr const char* kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
constexpr size_t kGrants = 100;  // API_PutObjectAcl.html

struct GrantHeader {
  const char* member;
  const char* header;
  const char* permission;
};
constexpr GrantHeader kGrantHeaders[] = {
    {members::GrantFullControl, "x-amz-grant-full-control", "FULL_CONTROL"},
    {members::GrantRead, "x-amz-grant-read", "READ"},
    {members::GrantReadACP, "x-amz-grant-read-acp", "READ_ACP"},
    {members::GrantWrite, "x-amz-grant-write", "WRITE"},
    {members::GrantWriteACP, "x-amz-grant-write-acp", "WRITE_ACP"},
};

Json to_user(const std::string& id, const char* permission) {
  return {{members::Grantee, {{members::Type, "CanonicalUser"}, {members::ID, id}}},
          {members::Permission, permission}};
}

Json to_group(const std::string& uri, const char* permission) {
  return {{members::Grantee, {{members::Type, "Group"}, {members::URI, uri}}},
          {members::Permission, permission}};
}

bool is_id(const std::string& id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_group(const std::string& uri) {
  return uri == kAllUsers || uri == kAuthenticated || uri == kLogDelivery;
}

AwsError unknown_email() {
  return AwsError("UnresolvableGrantByEmailAddress",
                  "The e-mail address you provided does not match any account on record.");
}

// id="…", uri="…", emailAddress="…", several by commas.
void add_header_grants(const GrantHeader& kind, const std::string& text, Json& grants) {
  for (const std::string_view part : split(text, ',')) {
    const std::string_view one = trim(part);
    const size_t equals = one.find('=');
    const std::string name(trim(one.substr(0, equals)));
    std::string value(equals == std::string_view::npos ? std::string_view()
                                                       : trim(one.substr(equals + 1)));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "id") {
      if (!is_id(value)) throw errors::invalid_argument("Invalid id", "id", value);
      grants.push_back(to_user(value, kind.permission));
    } else if (name == "uri") {
      if (!is_group(value)) throw errors::invalid_argument("Invalid group uri", "uri", value);
      grants.push_back(to_group(value, kind.permission));
    } else if (equals != std::string_view::npos && name == "emailAddress") {
      throw unknown_email();
    } else {
      throw errors::invalid_argument("Argument format not recognized", kind.header, one);
    }
  }
}

// The grant as it is kept: without what only shows (names).
Json checked_grant(const Json& grant) {
  static const std::set<std::string_view> kPermissions{"FULL_CONTROL", "READ", "READ_ACP", "WRITE",
                                                       "WRITE_ACP"};
  const auto grantee = grant.find(members::Grantee);
  const std::string permission = text_of(grant, members::Permission);
  if (grantee == grant.end() || kPermissions.count(permission) == 0) throw errors::malformed_acl();
  const std::string type = text_of(*grantee, members::Type);
  if (type == "CanonicalUser") {
    if (!grantee->contains(members::ID)) throw errors::malformed_acl();
    const std::string id = text_of(*grantee, members::ID);
    if (!is_id(id)) throw errors::invalid_argument("Invalid id", "CanonicalUser/ID", id);
    return to_user(id, permission.c_str());
  }
  if (type == "Group") {
    if (!grantee->contains(members::URI)) throw errors::malformed_acl();
    const std::string uri = text_of(*grantee, members::URI);
    if (!is_group(uri)) throw errors::invalid_argument("Invalid group uri", "Group/URI", uri);
    return to_group(uri, permission.c_str());
  }
  if (type == "AmazonCustomerByEmail") throw unknown_email();
  throw errors::malformed_acl();
}

}  // namespace acl_rules

AclHeaders acl_headers(const Json& input, bool of_bucket) {
  static const std::set<std::string_view> kBucket{"private", "public-read", "public-read-write",
                                                  "authenticated-read", "log-delivery-write"};
  static const std::set<std::string_view> kObject{"private",           "public-read",
                                                  "public-read-write", "authenticated-read",
                                                  "bucket-owner-read", "bucket-owner-full-control",
                                                  "aws-exec-read"};
  AclHeaders headers;
  headers.canned = text_of(input, members::ACL);
  for (const auto& kind : acl_rules::kGrantHeaders) headers.grants |= input.contains(kind.member);
  if (headers.grants && !headers.canned.empty()) {
    throw errors::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed");
  }
  if (!headers.canned.empty() && (of_bucket ? kBucket : kObject).count(headers.canned) == 0) {
    throw errors::invalid_argument("", "x-amz-acl", headers.canned);
  }
  return headers;
}

Json private_grants(const std::string& owner) {
  return Json::array({acl_rules::to_user(owner, "FULL_CONTROL")});
}

Json grants_of_headers(const AclHeaders& headers, const Json& input, const std::string& owner,
                       const std::string& bucket_owner) {
  using acl_rules::to_group;
  using acl_rules::to_user;
  if (headers.grants) {
    Json grants = Json::array();
    for (const auto& kind : acl_rules::kGrantHeaders) {
      const std::string text = text_of(input, kind.member);
      if (!text.empty()) acl_rules::add_header_grants(kind, text, grants);
    }
    return grants;
  }
  Json grants = private_grants(owner);
  const std::string& canned = headers.canned;
  if (canned == "public-read" || canned == "public-read-write") {
    grants.push_back(to_group(acl_rules::kAllUsers, "READ"));
  }
  if (canned == "public-read-write") grants.push_back(to_group(acl_rules::kAllUsers, "WRITE"));
  if (canned == "authenticated-read") {
    grants.push_back(to_group(acl_rules::kAuthenticated, "READ"));
  }
  if (canned == "log-delivery-write") {
    grants.push_back(to_group(acl_rules::kLogDelivery, "WRITE"));
    grants.push_back(to_group(acl_rules::kLogDelivery, "READ_ACP"));
  }
  if (owner != bucket_owner && canned == "bucket-owner-read") {
    grants.push_back(to_user(bucket_owner, "READ"));
  }
  if (owner != bucket_owner && canned == "bucket-owner-full-control") {
    grants.push_back(to_user(bucket_owner, "FULL_CONTROL"));
  }
  return grants;
}

Json grants_of_document(const Json& document, const std::string& owner) {
  const auto given = document.find(members::Owner);
  const auto list = document.find(members::Grants);
  if (given == document.end() || list == document.end() || !given->contains(members::ID)) {
    throw errors::malformed_acl();
  }
  const std::string id = text_of(*given, members::ID);
  if (!acl_rules::is_id(id)) throw errors::invalid_argument("Invalid id", "CanonicalUser/ID", id);
  if (id != owner) throw errors::access_denied();
  if (list->size() > acl_rules::kGrants) throw errors::malformed_acl();
  Json grants = Json::array();
  for (const Json& grant : *list) grants.push_back(acl_rules::checked_grant(grant));
  return grants;
}

bool grants_permit(const Json& grants, const Requester& requester, std::string_view permission,
                   bool public_too) {
  return std::any_of(grants.begin(), grants.end(), [&](const Json& grant) {
    const std::string& given = grant[members::Permission].get_ref<const std::string&>();
    if (given != permission && given != "FULL_CONTROL") return false;
    const Json& grantee = grant[members::Grantee];
    if (grantee[members::Type] == "CanonicalUser") {
      return grantee[members::ID] == requester.canonical_id;
    }
    const Json& uri = grantee[members::URI];
    return public_too && (uri == acl_rules::kAllUsers ||
                          (uri == acl_rules::kAuthenticated && !requester.anonymous));
  });
}

bool is_public_acl(const Json& grants) {
  return std::any_of(grants.begin(), grants.end(), [](const Json& grant) {
    const Json& grantee = grant[members::Grantee];
    if (grantee[members::Type] != "Group") return false;
    const Json& uri = grantee[members::URI];
    return uri == acl_rules::kAllUsers || uri == acl_rules::kAuthenticated;
  });
}

}  // namespace paddock::services::s3
