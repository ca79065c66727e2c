#include "services/lambda/qualifiers.hpp"

#include "services/lambda/errors.hpp"

namespace paddock::services::lambda {

QualifierKind qualifier_kind(std::string_view qualifier) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kName =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  if (qualifier.empty() || qualifier == kLatest) {
    return QualifierKind::latest;
  }
  if (qualifier.find_first_not_of(kDigits) == std::string_view::npos) {
    return QualifierKind::version;
  }
  return qualifier.find_first_not_of(kName) == std::string_view::npos ? QualifierKind::alias
                                                                      : QualifierKind::other;
}

std::optional<Resolved> resolve(const Store& store, RealmId realm, const std::string& name,
                                const std::string& qualifier) {
  std::optional<Function> latest = store.function(realm, name);
  const QualifierKind kind = qualifier_kind(qualifier);
  if (!latest || kind == QualifierKind::other) {
    return std::nullopt;
  }
  Resolved resolved;
  std::string version = kind == QualifierKind::latest ? kLatest : qualifier;
  if (kind == QualifierKind::alias) {
    resolved.alias = store.alias(realm, name, qualifier);
    if (!resolved.alias) {
      return std::nullopt;
    }
    version = resolved.alias->version();
  }
  std::optional<Function> function =
      version == kLatest ? latest : store.version(realm, name, version_number(version));
  if (!function) {
    return std::nullopt;
  }
  resolved.latest = *std::move(latest);
  resolved.function = *std::move(function);
  return resolved;
}

AwsError qualifier_not_found(const std::string& arn, const std::string& qualifier) {
  return qualifier_kind(qualifier) == QualifierKind::alias
             ? errors::alias_not_found(arn + ":" + qualifier)
             : errors::function_not_found(arn + ":" + qualifier);
}

Json qualified(Json config, const std::string& qualifier) {
  if (!qualifier.empty()) {
    config[members::FunctionArn] =
        config[members::FunctionArn].get<std::string>() + ":" + qualifier;
  }
  return config;
}

}  // namespace paddock::services::lambda
