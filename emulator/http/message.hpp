// The plain message types that everything above http/ uses. No Beast here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::http {

// A header list in the order sent. Names compare without case; duplicates are kept.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  // The first value of that name, or "" — `has` tells an empty one from none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces all of that name
  void remove(std::string_view name);
  void clear() { fields_.clear(); }
  bool empty() const { return fields_.empty(); }
  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// What a client asked, but for the body.
struct RequestHead {
  std::string method;  // upper case as sent
  std::string target;  // as sent: "/path?query", still encoded
  std::string path;    // the part before '?', still encoded
  std::string query;   // the part after '?', still encoded; "" if none
  int version = 11;    // 10, 11 or 20
  Headers headers;
  // About the connection.
  std::string remote_address;  // "127.0.0.1"
  uint16_t remote_port = 0;
  uint16_t local_port = 0;
  bool secure = false;  // came over TLS

  // Host header (or :authority) as sent: "localhost:4566"; and without its port, lower case.
  std::string_view authority() const { return headers.get("host"); }
  std::string host() const;
  // "http" or "https".
  const char* scheme() const { return secure ? "https" : "http"; }

  void set_target(std::string_view text);  // fills target, path and query
};

// A complete answer.
struct Response {
  int status = 200;
  Headers headers;  // without Content-Length, Date, Connection: the session adds those
  std::string body;

  Response() = default;
  Response(int status, std::string_view content_type, std::string body);
};

// "OK", "Not Found" …
std::string_view reason_phrase(int status);

}  // namespace paddock::http
