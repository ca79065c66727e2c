// Custom domain names with their API mappings; VPC links, which are kept as records.
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

Json domain_view(Json domain) {
  domain.erase(kMappings);
  return domain;
}

// What AWS adds to each configuration of a domain name.
void complete_configurations(const gateway::RequestContext& context, Json& domain) {
  if (!domain.contains(m::DomainNameConfigurations)) return;
  for (Json& configuration : domain[m::DomainNameConfigurations]) {
    if (!configuration.contains(m::ApiGatewayDomainName)) {
      configuration[m::ApiGatewayDomainName] =
          "d-" + context.platform.ids.base36(context.realm->id, "v2-domain", 10) + ".execute-api." +
          context.region + ".amazonaws.com";
    }
    Json defaults = {{m::DomainNameStatus, "AVAILABLE"},
                     {m::EndpointType, "REGIONAL"},
                     {m::HostedZoneId, "Z2FDTNDATAQYW2"},
                     {m::IpAddressType, "ipv4"},
                     {m::SecurityPolicy, "TLS_1_2"}};
    defaults.update(configuration);
    configuration = std::move(defaults);
  }
}

AwsError no_such_link(const std::string& id) {
  return errors::no_such_part("VpcLink", id);
}

}  // namespace

Json GatewayV2::load_domain(const Context& context, const Json& input) const {
  auto domain = store_.one(kV2DomainNameKind, context.realm->id, input.at(m::DomainName));
  if (!domain) throw errors::no_such_domain();
  return *std::move(domain);
}

gateway::Output GatewayV2::create_domain_name(Context& context, Json input) {
  check_texts(input);
  if (input.contains(m::MutualTlsAuthentication)) {
    throw errors::not_emulated("MutualTlsAuthentication of a domain name");
  }
  RealmId realm = context.realm->id;
  std::string name = to_lower(input[m::DomainName].get<std::string>());
  if (name.empty() || name.size() > 512) throw errors::bad_request("Invalid domain name");
  auto held = platform_.locks.lock(storage::Key(kSystemRealm, kDomainOwnerKind).text(name));
  if (store_.directory().domain_owner(name)) throw errors::domain_exists();
  if (store_.all(kV2DomainNameKind, realm).size() >= kMaxDomainNames) {
    throw AwsError("TooManyRequestsException", "Maximum number of domain names has been reached.",
                   429);
  }
  Json domain = {
      {m::ApiMappingSelectionExpression, "$request.basepath"},
      {m::DomainNameArn, "arn:aws:apigateway:" + context.region + "::/domainnames/" + name},
      {m::RoutingMode, "API_MAPPING_ONLY"},
      {m::Tags, Json::object()},
      {kMappings, Json::object()}};
  domain.update(input);
  domain[m::DomainName] = name;
  complete_configurations(context, domain);
  storage::Batch batch;
  store_.put(batch, kV2DomainNameKind, realm, domain);
  store_.directory().put_domain_owner(batch, realm, name);
  context.commit(batch);
  return domain_view(std::move(domain));
}

gateway::Output GatewayV2::get_domain_name(Context& context, Json input) {
  return domain_view(load_domain(context, input));
}

gateway::Output GatewayV2::get_domain_names(Context& context, Json input) {
  std::vector<Json> domains;
  for (Json& domain : store_.all(kV2DomainNameKind, context.realm->id)) {
    domains.push_back(domain_view(std::move(domain)));
  }
  return page(std::move(domains), m::DomainName, input);
}

gateway::Output GatewayV2::update_domain_name(Context& context, Json input) {
  if (input.contains(m::MutualTlsAuthentication)) {
    throw errors::not_emulated("MutualTlsAuthentication of a domain name");
  }
  auto held = lock(context, kV2DomainNameKind, input[m::DomainName]);
  Json domain = load_domain(context, input);
  merge_members(domain, input);
  complete_configurations(context, domain);
  storage::Batch batch;
  store_.put(batch, kV2DomainNameKind, context.realm->id, domain);
  context.commit(batch);
  return domain_view(std::move(domain));
}

gateway::Output GatewayV2::delete_domain_name(Context& context, Json input) {
  auto held = lock(context, kV2DomainNameKind, input[m::DomainName]);
  load_domain(context, input);
  storage::Batch batch;
  store_.erase(batch, kV2DomainNameKind, context.realm->id, input[m::DomainName]);
  store_.directory().erase_domain_owner(batch, input[m::DomainName]);
  context.commit(batch);
  return Json::object();
}

void GatewayV2::check_mapping(const Context& context, const Json& domain, const Json& mapping,
                              const std::string& self) const {
  const RealmId realm = context.realm->id;
  const std::string api = mapping.at(m::ApiId);
  const std::string stage = mapping.at(m::Stage);
  const bool rest = store_.directory().api(realm, api).has_value();
  if (!rest) load_api(context, mapping);
  if (rest ? !store_.directory().stage(realm, api, stage)
           : !store_.of_api(kV2StageKind, realm, api, stage)) {
    throw errors::bad_request("Invalid stage identifier specified");
  }
  for (const auto& [id, other] : domain.at(kMappings).items()) {
    if (id != self && other.value(m::ApiMappingKey, "") == mapping.value(m::ApiMappingKey, "")) {
      throw errors::conflict("ApiMapping key already exists for this domain name");
    }
  }
}

gateway::Output GatewayV2::create_api_mapping(Context& context, Json input) {
  auto held = lock(context, kV2DomainNameKind, input[m::DomainName]);
  Json domain = load_domain(context, input);
  Json mapping = input;
  mapping.erase(m::DomainName);
  check_mapping(context, domain, mapping, "");
  if (domain[kMappings].size() >= kMaxMappings) {
    throw AwsError("TooManyRequestsException", "Maximum number of API mappings has been reached.",
                   429);
  }
  std::string id = context.platform.ids.base36(context.realm->id, "v2-mapping", 6);
  mapping[m::ApiMappingId] = id;
  domain[kMappings][id] = mapping;
  storage::Batch batch;
  store_.put(batch, kV2DomainNameKind, context.realm->id, domain);
  context.commit(batch);
  return mapping;
}

gateway::Output GatewayV2::get_api_mapping(Context& context, Json input) {
  Json domain = load_domain(context, input);
  auto mapping = domain[kMappings].find(input[m::ApiMappingId].get<std::string>());
  if (mapping == domain[kMappings].end()) throw errors::no_such_mapping();
  return *mapping;
}

gateway::Output GatewayV2::get_api_mappings(Context& context, Json input) {
  Json domain = load_domain(context, input);
  return page(values_of(domain[kMappings]), m::ApiMappingId, input);
}

gateway::Output GatewayV2::update_api_mapping(Context& context, Json input) {
  auto held = lock(context, kV2DomainNameKind, input[m::DomainName]);
  Json domain = load_domain(context, input);
  std::string id = input[m::ApiMappingId];
  if (!domain[kMappings].contains(id)) throw errors::no_such_mapping();
  Json mapping = domain[kMappings][id];
  Json changes = input;
  changes.erase(m::DomainName);
  merge_members(mapping, changes);
  check_mapping(context, domain, mapping, id);
  domain[kMappings][id] = mapping;
  storage::Batch batch;
  store_.put(batch, kV2DomainNameKind, context.realm->id, domain);
  context.commit(batch);
  return mapping;
}

gateway::Output GatewayV2::delete_api_mapping(Context& context, Json input) {
  auto held = lock(context, kV2DomainNameKind, input[m::DomainName]);
  Json domain = load_domain(context, input);
  if (domain[kMappings].erase(input[m::ApiMappingId].get<std::string>()) == 0) {
    throw errors::no_such_mapping();
  }
  storage::Batch batch;
  store_.put(batch, kV2DomainNameKind, context.realm->id, domain);
  context.commit(batch);
  return Json::object();
}

gateway::Output GatewayV2::create_vpc_link(Context& context, Json input) {
  check_texts(input);
  RealmId realm = context.realm->id;
  auto held = lock(context, kV2VpcLinkKind, "");
  if (store_.all(kV2VpcLinkKind, realm).size() >= kMaxVpcLinks) {
    throw AwsError("TooManyRequestsException", "Maximum number of VPC links has been reached.",
                   429);
  }
  Json link = {{m::CreatedDate, whole_seconds(context.platform.world.now().ms)},
               {m::SecurityGroupIds, Json::array()},
               {m::Tags, Json::object()},
               {m::VpcLinkId, context.platform.ids.base36(realm, "v2-vpc-link", 6)},
               {m::VpcLinkStatus, "AVAILABLE"},
               {m::VpcLinkStatusMessage, "VPC link is ready to route traffic"},
               {m::VpcLinkVersion, "V2"}};
  link.update(input);
  storage::Batch batch;
  store_.put(batch, kV2VpcLinkKind, realm, link);
  context.commit(batch);
  return link;
}

gateway::Output GatewayV2::get_vpc_link(Context& context, Json input) {
  auto link = store_.one(kV2VpcLinkKind, context.realm->id, input[m::VpcLinkId]);
  if (!link) throw no_such_link(input[m::VpcLinkId]);
  return *std::move(link);
}

gateway::Output GatewayV2::get_vpc_links(Context& context, Json input) {
  return page(store_.all(kV2VpcLinkKind, context.realm->id), m::VpcLinkId, input);
}

gateway::Output GatewayV2::update_vpc_link(Context& context, Json input) {
  check_texts(input);
  std::string id = input[m::VpcLinkId];
  auto held = lock(context, kV2VpcLinkKind, id);
  auto link = store_.one(kV2VpcLinkKind, context.realm->id, id);
  if (!link) throw no_such_link(id);
  merge_members(*link, input);
  storage::Batch batch;
  store_.put(batch, kV2VpcLinkKind, context.realm->id, *link);
  context.commit(batch);
  return *std::move(link);
}

gateway::Output GatewayV2::delete_vpc_link(Context& context, Json input) {
  std::string id = input[m::VpcLinkId];
  auto held = lock(context, kV2VpcLinkKind, id);
  if (!store_.one(kV2VpcLinkKind, context.realm->id, id)) throw no_such_link(id);
  storage::Batch batch;
  store_.erase(batch, kV2VpcLinkKind, context.realm->id, id);
  context.commit(batch);
  return Json::object();
}

}  // namespace paddock::services::apigateway::v2
