// Code.Location and Content.Location: where the package of a function or a layer can be fetched
// for ten minutes, as AWS's presigned URLs.
//
//   SCHEME://HOST/_lambda/ACCOUNT/REGION/KIND/NAME/VERSION?Expires=SECONDS&Signature=HEX
//
// KIND is "function" or "layer", VERSION 0 is $LATEST. The signature is SipHash of path and expiry
// under the emulator's seed: who has not been given the URL does not guess it.
#include <charconv>

#include "core/random.hpp"
#include "core/text.hpp"
#include "http/exchange.hpp"
#include "services/lambda/service.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace located {

constexpr std::string_view kPrefix = "/_lambda/";
constexpr int64_t kSeconds = 600;

std::string signature(const Ids& ids, std::string_view path, int64_t expires) {
  std::string bytes;
  const std::string text = std::string(path) + "?" + std::to_string(expires);
  storage::append_u64(bytes, siphash(ids.seed(), text));
  return to_hex(bytes);
}

std::string parameter(std::string_view query, std::string_view name) {
  for (std::string_view part : split(query, '&')) {
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      return std::string(part.substr(name.size() + 1));
    }
  }
  return "";
}

http::Response refusal(int status, const std::string& code, const std::string& message) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/xml");
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
                  "</Code><Message>" + message + "</Message></Error>";
  return response;
}

}  // namespace located

void Lambda::add_location(const Context& context, Json& place, const char* kind,
                          const std::string& name, uint64_t version) const {
  if (context.authority.empty()) {
    return;  // called in-process: there is no address to give
  }
  const std::string path = std::string(located::kPrefix) + context.account + "/" + context.region +
                           "/" + kind + "/" + name + "/" + std::to_string(version);
  const int64_t expires = platform_.world.now().ms / 1000 + located::kSeconds;
  place[members::Location] = context.scheme + "://" + context.authority + path +
                             "?Expires=" + std::to_string(expires) +
                             "&Signature=" + located::signature(platform_.ids, path, expires);
}

bool Lambda::is_code_location(std::string_view path) {
  return path.starts_with(located::kPrefix);
}

// The package that the path of a location names; "" if there is none (any more).
std::string Lambda::package_at(std::string_view path) const {
  const std::vector<std::string_view> parts = split(path.substr(located::kPrefix.size()), '/');
  if (parts.size() != 5) {
    return "";
  }
  const std::shared_ptr<const Realm> realm =
      platform_.realms.find("lambda", std::string(parts[0]), std::string(parts[1]));
  const uint64_t version = version_number(parts[4]);
  if (parts[2] == "layer") {
    const std::optional<LayerVersion> layer = store_.layer(realm->id, parts[3], version);
    return layer ? layer->blob : "";
  }
  const std::optional<Function> function = version == 0
                                               ? store_.function(realm->id, parts[3])
                                               : store_.version(realm->id, parts[3], version);
  return function ? function->code_blob : "";
}

Task<void> Lambda::serve_code(http::Exchange& exchange, Context&) {
  const std::string path = exchange.head().path;
  const std::string query = exchange.head().query;
  const std::string text = located::parameter(query, "Expires");
  int64_t expires = 0;
  std::from_chars(text.data(), text.data() + text.size(), expires);
  http::Response refusal;
  refusal.status = 0;
  std::string package;
  if (exchange.head().method != "GET") {
    refusal = located::refusal(405, "MethodNotAllowed", "The specified method is not allowed.");
  } else if (located::parameter(query, "Signature") !=
             located::signature(platform_.ids, path, expires)) {
    refusal = located::refusal(403, "SignatureDoesNotMatch", "The signature does not match.");
  } else if (expires < platform_.world.now().ms / 1000) {
    refusal = located::refusal(403, "AccessDenied", "Request has expired");
  } else {
    package = package_at(path);
    if (package.empty()) {
      refusal = located::refusal(404, "NoSuchKey", "The specified key does not exist.");
    }
  }
  if (refusal.status != 0) {
    co_await exchange.respond(std::move(refusal));
    co_return;
  }
  const storage::BlobId id = storage::BlobId::decode(package);
  const std::shared_ptr<const void> pin = platform_.blobs.pin(id);
  http::Headers headers;
  headers.set("Content-Type", "application/zip");
  headers.set("Content-Length", std::to_string(id.size));
  co_await exchange.start(200, std::move(headers));
  for (uint64_t offset = 0; offset < id.size; offset += storage::Blobs::kPiece) {
    std::string piece = platform_.blobs.read(id, offset, storage::Blobs::kPiece);
    co_await exchange.write(std::move(piece));
  }
  http::Headers none;
  co_await exchange.finish(std::move(none));
}

}  // namespace paddock::services::lambda
