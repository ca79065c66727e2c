// Custom domain names and who may reach private ones
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html).
#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace domain_names_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

// Route 53's zones of CloudFront and of API Gateway in us-east-1.
constexpr const char* kEdgeZone = "Z2FDTNDATAQYW2";
constexpr const char* kRegionalZone = "Z1UJRXOUMOOFQ8";

void check_domain_name(const std::string& name) {
  if (name.empty()) throw errors::bad_request("No Domain Name specified");
  bool good = name.size() <= 253 && name.find('.') != std::string::npos;
  for (unsigned char c : name)
    good = good && c < 128 && (std::isalnum(c) || c == '.' || c == '-' || c == '*' || c == '_');
  if (!good) throw errors::bad_request("Invalid domain name specified: " + name);
}

Json load_domain(const Control& control, const Context& context, const Json& input) {
  std::string name = to_lower(input[m::domainName].get<std::string>());
  auto row = control.store.row(context.realm->id, kDomainNameKind, {name});
  if (!row) throw errors::no_such_domain_name();
  return *std::move(row);
}

void set_targets(Control& control, const Context& context, Json& domain) {
  bool is_edge = domain[m::endpointConfiguration][m::types][0] == "EDGE";
  std::string id = control.new_id(context, "domain-target", 10);
  if (is_edge) {
    domain[m::distributionDomainName] = "d" + id + ".cloudfront.net";
    domain[m::distributionHostedZoneId] = kEdgeZone;
  } else {
    domain[m::regionalDomainName] = "d-" + id + ".execute-api." + context.region + ".amazonaws.com";
    domain[m::regionalHostedZoneId] = kRegionalZone;
  }
}

Output create_domain_name(Control& control, Context& context, Json input) {
  std::string name = to_lower(input[m::domainName].get<std::string>());
  check_domain_name(name);
  if (input.contains(m::certificateBody) || input.contains(m::certificatePrivateKey)) {
    throw errors::not_emulated("A domain name with a certificate of its own");
  }
  RealmId realm = context.realm->id;
  auto lock = control.platform.locks.lock(storage::Key(kSystemRealm, kDomainOwnerKind).text(name));
  if (control.store.domain_owner(name)) {
    throw errors::bad_request("The domain name you provided already exists.");
  }
  Json domain = {
      {m::domainName, name},
      {m::domainNameStatus, "AVAILABLE"},
      {m::endpointConfiguration, input.value(m::endpointConfiguration, Json{{m::types, {"EDGE"}}})},
      {m::securityPolicy, input.value(m::securityPolicy, "TLS_1_2")},
      {m::routingMode, input.value(m::routingMode, "BASE_PATH_MAPPING_ONLY")}};
  Json& configuration = domain[m::endpointConfiguration];
  if (configuration.value(m::types, Json::array()).empty()) configuration[m::types] = {"EDGE"};
  if (!configuration.contains(m::ipAddressType)) configuration[m::ipAddressType] = "ipv4";
  for (const char* member :
       {m::certificateName, m::certificateArn, m::regionalCertificateName,
        m::regionalCertificateArn, m::tags, m::endpointAccessMode, m::mutualTlsAuthentication,
        m::ownershipVerificationCertificateArn, m::policy}) {
    if (input.contains(member)) domain[member] = input[member];
  }
  if (domain.contains(m::certificateArn)) domain[m::certificateUploadDate] = control.now_seconds();
  domain[m::domainNameArn] = make_arn("apigateway", context.region, "", "/domainnames/" + name);
  if (configuration[m::types][0] == "PRIVATE") {
    domain[m::domainNameId] = control.new_id(context, "domain-name", 10);
  } else {
    set_targets(control, context, domain);
  }
  storage::Batch batch;
  control.store.put_row(batch, realm, kDomainNameKind, {name}, domain);
  control.store.put_domain_owner(batch, realm, name);
  context.commit(batch);
  return domain;
}

Output get_domain_name(Control& control, Context& context, Json input) {
  Json domain = load_domain(control, context, input);
  if (!domain.contains(m::tags)) domain[m::tags] = Json::object();
  return domain;
}

Output get_domain_names(Control& control, Context& context, Json input) {
  Json items = Json::array();
  if (input.value(m::resourceOwner, "SELF") == "SELF") {
    for (auto& domain : control.store.rows(context.realm->id, kDomainNameKind, {})) {
      items.push_back(std::move(domain));
    }
  }
  return page_of(std::move(items), input);
}

void patch_domain(Control& control, const Context& context, Json& domain, const Patch& patch) {
  static const std::map<std::string, PatchRule> kRules{
      {m::certificateName, {Kind::text}},
      {m::certificateArn, {Kind::text}},
      {m::regionalCertificateName, {Kind::text}},
      {m::regionalCertificateArn, {Kind::text}},
      {m::ownershipVerificationCertificateArn, {Kind::text}},
      {m::securityPolicy, {Kind::text}},
      {m::endpointAccessMode, {Kind::text}},
      {m::policy, {Kind::text}},
      {m::managementPolicy, {Kind::text}},
      {m::routingMode, {Kind::text}},
  };
  bool is_type = patch.parts.size() >= 2 && patch.parts[0] == m::endpointConfiguration &&
                 patch.parts[1] == m::types;
  if (is_type) {
    if (patch.value != "EDGE" && patch.value != "REGIONAL") {
      throw errors::bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE");
    }
    domain[m::endpointConfiguration][m::types] = Json::array({patch.value});
    set_targets(control, context, domain);
    return;
  }
  if (patch.path == "/endpointConfiguration/ipAddressType") {
    domain[m::endpointConfiguration][m::ipAddressType] = patch.value;
    return;
  }
  if (patch.parts.size() == 2 && patch.parts[0] == m::mutualTlsAuthentication &&
      (patch.parts[1] == m::truststoreUri || patch.parts[1] == m::truststoreVersion)) {
    domain[m::mutualTlsAuthentication][patch.parts[1]] = patch.value;
    return;
  }
  auto rule = kRules.find(patch.parts[0]);
  if (rule == kRules.end()) throw errors::bad_patch_path(patch.path);
  apply_patch(domain, patch, rule->second);
}

Output update_domain_name(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kDomainNameKind, "");
  Json domain = load_domain(control, context, input);
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    patch_domain(control, context, domain, patch);
  }
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kDomainNameKind,
                        {domain[m::domainName].get<std::string>()}, domain);
  context.commit(batch);
  if (!domain.contains(m::tags)) domain[m::tags] = Json::object();
  return domain;
}

Output delete_domain_name(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kDomainNameKind, "");
  Json domain = load_domain(control, context, input);
  std::string name = domain[m::domainName];
  RealmId realm = context.realm->id;
  storage::Batch batch;
  control.store.erase_row(batch, realm, kDomainNameKind, {name});
  control.store.erase_rows(batch, realm, kBasePathMappingKind, {name});
  control.store.erase_domain_owner(batch, name);
  context.commit(batch);
  return Json::object();
}

AwsError no_such_association() {
  return errors::not_found("Invalid domain name access association identifier specified");
}

Output create_access_association(Control& control, Context& context, Json input) {
  std::string arn = make_arn(
      "apigateway", context.region, context.account,
      "/domainnameaccessassociations/domainname/" + control.new_id(context, "domain-access", 10));
  Json association = {{m::domainNameAccessAssociationArn, arn},
                      {m::domainNameArn, input[m::domainNameArn]},
                      {m::accessAssociationSourceType, input[m::accessAssociationSourceType]},
                      {m::accessAssociationSource, input[m::accessAssociationSource]}};
  if (input.contains(m::tags)) association[m::tags] = input[m::tags];
  storage::Batch batch;
  control.store.put_row(batch, context.realm->id, kRecordKind, {kDomainAccesses, arn}, association);
  context.commit(batch);
  return association;
}

Output get_access_associations(Control& control, Context& context, Json input) {
  Json items = Json::array();
  if (input.value(m::resourceOwner, "SELF") == "SELF") {
    for (auto& one : control.store.rows(context.realm->id, kRecordKind, {kDomainAccesses})) {
      items.push_back(std::move(one));
    }
  }
  return page_of(std::move(items), input);
}

Output delete_access_association(Control& control, Context& context, Json input) {
  std::string arn = input[m::domainNameAccessAssociationArn];
  auto lock = control.lock_row(context, kRecordKind, "");
  if (!control.store.row(context.realm->id, kRecordKind, {kDomainAccesses, arn}))
    throw no_such_association();
  storage::Batch batch;
  control.store.erase_row(batch, context.realm->id, kRecordKind, {kDomainAccesses, arn});
  context.commit(batch);
  return Json::object();
}

}  // namespace domain_names_detail

std::vector<ControlRow> domain_name_rows() {
  namespace d = domain_names_detail;
  constexpr auto kRecord = gateway::Fidelity::partial("certificates and DNS are records");
  constexpr auto kAccess = gateway::Fidelity::partial("a record; there are no VPC endpoints");
  return {
      {"CreateDomainName", d::create_domain_name, "apigateway:POST", kRecord},
      {"GetDomainName", d::get_domain_name, "apigateway:GET"},
      {"GetDomainNames", d::get_domain_names, "apigateway:GET"},
      {"UpdateDomainName", d::update_domain_name, "apigateway:PATCH", kRecord},
      {"DeleteDomainName", d::delete_domain_name, "apigateway:DELETE"},
      {"CreateDomainNameAccessAssociation", d::create_access_association, "apigateway:POST",
       kAccess},
      {"GetDomainNameAccessAssociations", d::get_access_associations, "apigateway:GET", kAccess},
      {"DeleteDomainNameAccessAssociation", d::delete_access_association, "apigateway:DELETE",
       kAccess},
      {"RejectDomainNameAccessAssociation", d::delete_access_association, "apigateway:POST",
       kAccess},
  };
}

}  // namespace paddock::services::apigateway
