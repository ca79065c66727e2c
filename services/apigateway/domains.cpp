#include "services/apigateway/domains.hpp"

#include "models/apigateway.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_model.hpp"

namespace paddock::services::apigateway {

namespace domains_detail {

namespace m1 = models::apigateway_members;
namespace m2 = models::apigatewayv2_members;

// What is mapped under "" belongs to the whole name.
constexpr const char* kWholeName = "(none)";

// Registered names have a dot and are no IP addresses.
bool may_be_registered(std::string_view host) {
  return host.find('.') != host.npos && host.find(':') == host.npos &&
         !(host.back() >= '0' && host.back() <= '9');
}

// Takes the mapping if it begins `path`, and is longer than the best so far.
void consider(std::optional<DomainTarget>& best, std::string_view path, std::string base,
              std::string api, std::string stage) {
  if (!base.empty()) base.insert(0, "/");
  const bool matches =
      path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/');
  if (!matches || (best && best->base_path.size() >= base.size())) return;
  best = DomainTarget{nullptr, std::move(api), std::move(stage),
                      std::string(path.substr(base.size())), std::move(base)};
}

}  // namespace domains_detail

Domains::Domains(storage::Database& database, storage::Realms& realms)
    : store_(database, realms), v2_store_(database, realms) {}

Domains::Name Domains::registered(std::string_view given) const {
  if (!domains_detail::may_be_registered(given)) return {};
  const std::string host(given);
  if (auto realm = store_.domain_owner(host)) return {std::move(realm), host};
  std::string wildcard = "*" + host.substr(host.find('.'));
  auto realm = store_.domain_owner(wildcard);
  return realm ? Name{std::move(realm), std::move(wildcard)} : Name();
}

bool Domains::owns(std::string_view host) const {
  return registered(host).realm != nullptr;
}

std::optional<DomainTarget> Domains::target(std::string_view host, std::string_view path) const {
  namespace d = domains_detail;
  const Name name = registered(host);
  if (!name.realm) return std::nullopt;
  const RealmId realm = name.realm->id;
  std::optional<DomainTarget> best;
  for (const Json& mapping : store_.rows(realm, kBasePathMappingKind, {name.name})) {
    std::string base = mapping[d::m1::basePath];
    if (base == d::kWholeName) base.clear();
    d::consider(best, path, std::move(base), mapping[d::m1::restApiId],
                mapping.value(d::m1::stage, ""));
  }
  if (const auto domain = v2_store_.one(v2::kV2DomainNameKind, realm, name.name)) {
    for (const auto& [id, mapping] : domain->at(v2::kMappings).items()) {
      d::consider(best, path, mapping.value(d::m2::ApiMappingKey, ""), mapping[d::m2::ApiId],
                  mapping[d::m2::Stage]);
    }
  }
  if (!best) return std::nullopt;
  best->realm = name.realm;
  if (best->stage.empty()) {
    // The mapping leaves the stage to the path: "/stage/rest".
    size_t end = best->path.find('/', 1);
    best->stage =
        best->path.substr(best->path.empty() ? 0 : 1, end == std::string::npos ? end : end - 1);
    best->path = end == std::string::npos ? "/" : best->path.substr(end);
  }
  if (best->path.empty()) best->path = "/";
  return best;
}

}  // namespace paddock::services::apigateway
