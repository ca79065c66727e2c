#include "services/apigateway/address.hpp"

namespace paddock::services::apigateway {
namespace {

constexpr std::string_view kHostMark = ".execute-api.";
constexpr std::string_view kRestApis = "/restapis/";
constexpr std::string_view kUserRequest = "_user_request_";
constexpr std::string_view kAwsPath = "/_aws/execute-api/";

// Cuts "/first/rest" to "first" and leaves "/rest".
std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  size_t slash = path.find('/');
  std::string_view segment = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  return segment;
}

Address make_address(std::string_view api, std::string_view stage, std::string_view path) {
  Address address;
  address.api = api;
  address.stage = stage;
  address.path = path.empty() ? "/" : std::string(path);
  return address;
}

}  // namespace

std::optional<Address> address_of(std::string_view host, std::string_view path) {
  size_t mark = host.find(kHostMark);
  if (mark != std::string_view::npos && mark > 0 && host.find('.') == mark) {
    std::string_view stage = take_segment(path);
    return make_address(host.substr(0, mark), stage, path);
  }
  if (path.starts_with(kAwsPath)) {
    path.remove_prefix(kAwsPath.size() - 1);
    std::string_view api = take_segment(path);
    std::string_view stage = take_segment(path);
    return make_address(api, stage, path);
  }
  if (path.starts_with(kRestApis)) {
    path.remove_prefix(kRestApis.size() - 1);
    std::string_view api = take_segment(path);
    std::string_view stage = take_segment(path);
    if (take_segment(path) == kUserRequest) return make_address(api, stage, path);
  }
  return std::nullopt;
}

}  // namespace paddock::services::apigateway
