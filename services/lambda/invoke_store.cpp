#include "services/lambda/invoke_store.hpp"

#include "storage/document_row.hpp"

namespace paddock::services::lambda {
namespace invoke_rows {

using storage::Family;
using storage::Key;

FunctionUrl url_of(std::string_view function, std::string_view qualifier, std::string_view bytes) {
  Json row = storage::document_of_row(bytes);
  FunctionUrl url;
  url.id = row.at("id");
  url.function = function;
  url.qualifier = qualifier;
  url.config = std::move(row.at("config"));
  return url;
}

std::string window_key(RealmId realm, std::string_view uuid, std::string_view lane) {
  return Key(realm, kWindowStateKind).text(uuid).text(lane).bytes();
}

}  // namespace invoke_rows

using invoke_rows::Family;
using invoke_rows::Key;

std::string InvokeStore::event_invoke_key(RealmId realm, std::string_view function,
                                          std::string_view qualifier) {
  return Key(realm, kEventInvokeKind).text(function).text(qualifier).bytes();
}
std::string InvokeStore::url_key(RealmId realm, std::string_view function,
                                 std::string_view qualifier) {
  return Key(realm, kFunctionUrlKind).text(function).text(qualifier).bytes();
}

std::optional<Json> InvokeStore::event_invoke(RealmId realm, std::string_view function,
                                              std::string_view qualifier) const {
  const auto row = database_.get(Family::meta, event_invoke_key(realm, function, qualifier));
  if (!row) {
    return std::nullopt;
  }
  return storage::document_of_row(*row);
}

void InvokeStore::put_event_invoke(RealmId realm, std::string_view function,
                                   std::string_view qualifier, const Json& config,
                                   storage::Batch& batch) {
  batch.put(Family::meta, event_invoke_key(realm, function, qualifier),
            storage::document_row(config));
}

void InvokeStore::erase_event_invoke(RealmId realm, std::string_view function,
                                     std::string_view qualifier, storage::Batch& batch) {
  batch.erase(Family::meta, event_invoke_key(realm, function, qualifier));
}

std::vector<Json> InvokeStore::event_invokes(RealmId realm, std::string_view function) const {
  std::vector<Json> found;
  const std::string prefix = Key(realm, kEventInvokeKind).text(function).bytes();
  for (auto it = database_.iterate_prefix(Family::meta, prefix); it.valid(); it.next()) {
    found.push_back(storage::document_of_row(it.value()));
  }
  return found;
}

std::optional<FunctionUrl> InvokeStore::url(RealmId realm, std::string_view function,
                                            std::string_view qualifier) const {
  const auto row = database_.get(Family::meta, url_key(realm, function, qualifier));
  if (!row) {
    return std::nullopt;
  }
  return invoke_rows::url_of(function, qualifier, *row);
}

void InvokeStore::put_url(RealmId realm, const FunctionUrl& url, storage::Batch& batch) {
  batch.put(Family::meta, url_key(realm, url.function, url.qualifier),
            storage::document_row({{"id", url.id}, {"config", url.config}}));
}

void InvokeStore::erase_url(RealmId realm, std::string_view function, std::string_view qualifier,
                            storage::Batch& batch) {
  batch.erase(Family::meta, url_key(realm, function, qualifier));
}

std::vector<FunctionUrl> InvokeStore::urls(RealmId realm, std::string_view function) const {
  std::vector<FunctionUrl> found;
  Key prefix(realm, kFunctionUrlKind);
  if (!function.empty()) {
    prefix.text(function);
  }
  for (auto it = database_.iterate_prefix(Family::meta, prefix.bytes()); it.valid(); it.next()) {
    storage::KeyReader key(it.key());
    const std::string name = key.text();
    const std::string qualifier = key.text();
    found.push_back(invoke_rows::url_of(name, qualifier, it.value()));
  }
  return found;
}

void InvokeStore::erase_function(RealmId realm, std::string_view function, storage::Batch& batch) {
  for (const storage::Kind kind : {kEventInvokeKind, kFunctionUrlKind}) {
    const std::string prefix = Key(realm, kind).text(function).bytes();
    batch.erase_range(Family::meta, prefix, storage::prefix_end(prefix));
  }
}

std::optional<OpenWindow> InvokeStore::window(RealmId realm, std::string_view uuid,
                                              std::string_view lane) const {
  const auto row = database_.get(Family::rows, invoke_rows::window_key(realm, uuid, lane));
  if (!row) {
    return std::nullopt;
  }
  Json document = storage::document_of_row(*row);
  OpenWindow window;
  window.start = WorldTime{document.at("start").get<int64_t>()};
  window.early = document.at("early");
  window.state = std::move(document.at("state"));
  return window;
}

void InvokeStore::put_window(RealmId realm, std::string_view uuid, std::string_view lane,
                             const OpenWindow& window, storage::Batch& batch) {
  batch.put(Family::rows, invoke_rows::window_key(realm, uuid, lane),
            storage::document_row(
                {{"start", window.start.ms}, {"early", window.early}, {"state", window.state}}));
}

void InvokeStore::erase_window(RealmId realm, std::string_view uuid, std::string_view lane,
                               storage::Batch& batch) {
  batch.erase(Family::rows, invoke_rows::window_key(realm, uuid, lane));
}

void InvokeStore::erase_windows(RealmId realm, std::string_view uuid, storage::Batch& batch) {
  const std::string prefix = Key(realm, kWindowStateKind).text(uuid).bytes();
  batch.erase_range(Family::rows, prefix, storage::prefix_end(prefix));
}

}  // namespace paddock::services::lambda
