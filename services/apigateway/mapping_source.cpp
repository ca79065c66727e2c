#include "services/apigateway/mapping_source.hpp"

#include <array>
#include <utility>

namespace paddock::services::apigateway {
namespace mapping_source_detail {

using Kind = Source::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 15> kPlaces{
    {{"method.request.path.", Kind::path},
     {"method.request.querystring.", Kind::query},
     {"method.request.multivaluequerystring.", Kind::multi_query},
     {"method.request.header.", Kind::header},
     {"method.request.multivalueheader.", Kind::multi_header},
     {"method.request.body.", Kind::body},
     {"method.request.body", Kind::body},
     {"integration.response.header.", Kind::header},
     {"integration.response.multivalueheader.", Kind::multi_header},
     {"integration.response.body.", Kind::body},
     {"integration.response.body", Kind::body},
     {"context.", Kind::context},
     {"$context.", Kind::context},
     {"stageVariables.", Kind::stage_variable},
     {"method.request.stageVariables.", Kind::stage_variable}}};

}  // namespace mapping_source_detail

Source parse_source(std::string_view expression) {
  Source source;
  if (expression.size() >= 2 && expression.front() == '\'' && expression.back() == '\'') {
    source.kind = Source::Kind::text;
    source.name = expression.substr(1, expression.size() - 2);
    return source;
  }
  for (const auto& [prefix, kind] : mapping_source_detail::kPlaces) {
    if (!expression.starts_with(prefix)) continue;
    source.kind = kind;
    source.name = expression.substr(prefix.size());
    return source;
  }
  return source;
}

std::vector<Mapping> parse_mappings(const Json& parameters) {
  static constexpr std::array<std::pair<std::string_view, Mapping::Place>, 5> kTargets{
      {{"integration.request.path.", Mapping::Place::path},
       {"integration.request.querystring.", Mapping::Place::query},
       {"integration.request.header.", Mapping::Place::header},
       {"method.response.header.", Mapping::Place::header},
       {"gatewayresponse.header.", Mapping::Place::header}}};
  std::vector<Mapping> mappings;
  if (!parameters.is_object()) return mappings;
  for (const auto& [target, expression] : parameters.items()) {
    for (const auto& [prefix, place] : kTargets) {
      if (!target.starts_with(prefix) || !expression.is_string()) continue;
      Mapping mapping;
      mapping.place = place;
      mapping.name = target.substr(prefix.size());
      mapping.source = parse_source(expression.get_ref<const std::string&>());
      mappings.push_back(std::move(mapping));
    }
  }
  return mappings;
}

}  // namespace paddock::services::apigateway
