// What a function's name and a qualifier mean together: $LATEST, a published version, or an alias.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

enum class QualifierKind {
  latest,   // none, or "$LATEST"
  version,  // digits
  alias,    // letters, digits, hyphens and underscores, but not digits alone
  other,    // nothing that AWS knows: "$latest", "a$b"
};
QualifierKind qualifier_kind(std::string_view qualifier);

struct Resolved {
  Function latest;             // tags, concurrency and settings are its
  Function function;           // what is meant: `function.version()` is executed
  std::optional<Alias> alias;  // if the qualifier is one; of two versions, `function` is the first
};
// nullopt if there is no such function, version or alias. Reads the store; what invokes asks
// Runnables, which remembers.
std::optional<Resolved> resolve(const Store& store, RealmId realm, const std::string& name,
                                const std::string& qualifier);

// How most operations call a function whose qualifier is not there; `arn` is unqualified.
AwsError qualifier_not_found(const std::string& arn, const std::string& qualifier);

// The configuration with the ARN that names the qualifier; as it is for "".
Json qualified(Json config, const std::string& qualifier);

}  // namespace paddock::services::lambda
