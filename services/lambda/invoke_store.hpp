// Rows that belong to the invocation of functions: how asynchronous ones are retried, function
// URLs, and the state of tumbling windows.
//
// Rows (fields as in storage/keys.hpp; documents are storage/document_row.hpp's):
//   meta  kEventInvokeKind   text function, text qualifier   FunctionEventInvokeConfig
//   meta  kFunctionUrlKind   text function, text qualifier   {"id","config"}
//   rows  kWindowStateKind   text uuid, text lane            {"start","early","state"}
// An event invoke config's qualifier is "$LATEST" for the function itself, a URL's is "".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::lambda {

inline constexpr storage::Kind kEventInvokeKind = 0x3C;
inline constexpr storage::Kind kFunctionUrlKind = 0x3D;
inline constexpr storage::Kind kWindowStateKind = 0x3E;

// One function URL as stored.
struct FunctionUrl {
  std::string id;         // the first label of its host
  std::string function;   // its name
  std::string qualifier;  // an alias; "" for $LATEST
  Json config;            // FunctionUrlConfig but for FunctionUrl, times in milliseconds
};

// A tumbling window that has begun and not ended.
struct OpenWindow {
  WorldTime start;
  bool early = false;  // its state grew too large: the next run ends it
  Json state = Json::object();
};

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError.
class InvokeStore {
 public:
  explicit InvokeStore(storage::Database& database) : database_(database) {}

  std::optional<Json> event_invoke(RealmId realm, std::string_view function,
                                   std::string_view qualifier) const;
  void put_event_invoke(RealmId realm, std::string_view function, std::string_view qualifier,
                        const Json& config, storage::Batch& batch);
  void erase_event_invoke(RealmId realm, std::string_view function, std::string_view qualifier,
                          storage::Batch& batch);
  // Of one function, by qualifier.
  std::vector<Json> event_invokes(RealmId realm, std::string_view function) const;

  std::optional<FunctionUrl> url(RealmId realm, std::string_view function,
                                 std::string_view qualifier) const;
  void put_url(RealmId realm, const FunctionUrl& url, storage::Batch& batch);
  void erase_url(RealmId realm, std::string_view function, std::string_view qualifier,
                 storage::Batch& batch);
  // Of one function, or all ("").
  std::vector<FunctionUrl> urls(RealmId realm, std::string_view function) const;

  // Event invoke configs and URLs of a function that goes.
  void erase_function(RealmId realm, std::string_view function, storage::Batch& batch);

  std::optional<OpenWindow> window(RealmId realm, std::string_view uuid,
                                   std::string_view lane) const;
  void put_window(RealmId realm, std::string_view uuid, std::string_view lane,
                  const OpenWindow& window, storage::Batch& batch);
  void erase_window(RealmId realm, std::string_view uuid, std::string_view lane,
                    storage::Batch& batch);
  void erase_windows(RealmId realm, std::string_view uuid, storage::Batch& batch);

  // Lock keys for read-modify-write.
  static std::string event_invoke_key(RealmId realm, std::string_view function,
                                      std::string_view qualifier);
  static std::string url_key(RealmId realm, std::string_view function, std::string_view qualifier);

 private:
  storage::Database& database_;
};

}  // namespace paddock::services::lambda
