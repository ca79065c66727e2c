#include "core/arn.hpp"

#include <array>

namespace paddock {

std::string Arn::text() const {
  return "arn:" + partition + ':' + service + ':' + region + ':' + account + ':' + resource;
}

std::optional<Arn> Arn::parse(std::string_view text) {
  if (text.substr(0, 4) != "arn:") return std::nullopt;
  text.remove_prefix(4);
  std::array<std::string_view, 4> fields;
  for (auto& field : fields) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    field = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (fields[0].empty() || fields[1].empty() || text.empty()) return std::nullopt;
  Arn arn;
  arn.partition = fields[0];
  arn.service = fields[1];
  arn.region = fields[2];
  arn.account = fields[3];
  arn.resource = text;
  return arn;
}

std::string make_arn(std::string_view service, std::string_view region, std::string_view account,
                     std::string_view resource) {
  std::string out;
  out.reserve(11 + service.size() + region.size() + account.size() + resource.size());
  out.append("arn:aws:").append(service).append(1, ':').append(region).append(1, ':');
  out.append(account).append(1, ':').append(resource);
  return out;
}

}  // namespace paddock
