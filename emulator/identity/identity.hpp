// Who calls: account and region from the credentials a request carries (DESIGN 2, step 3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "http/message.hpp"

namespace paddock::identity {

inline constexpr std::string_view kDefaultAccount = "000000000000";
inline constexpr std::string_view kDefaultRegion = "us-east-1";

// What the Authorization header or the query signature claims; not yet verified.
struct Signature {
  std::string access_key;
  std::string date;  // "20261120"
  std::string region;
  std::string service;         // signing name
  std::string signed_headers;  // "host;x-amz-date"
  std::string signature;
  std::string timestamp;  // X-Amz-Date
  bool in_query = false;
  int64_t expires_s = 0;     // X-Amz-Expires
  int version = 4;           // or 2, of S3 alone
  int64_t expires_at_s = 0;  // of version 2 in a query: seconds since 1970
};

// Reads version 4, and version 2 of S3. nullopt: unsigned. Throws AwsError (IncompleteSignature …)
// for a signature that is malformed, in the words of the service's protocol as far as the head
// tells it (see errors.hpp).
std::optional<Signature> parse_signature(const http::RequestHead& head);

struct Principal {
  enum class Kind { anonymous, root, user, role };
  Kind kind = Kind::root;
  std::string account{kDefaultAccount};
  std::string arn;         // arn:aws:iam::ACCOUNT:root, …:user/NAME, assumed-role
  std::string user_id;     // account id, AIDA…, AROA…:session
  std::string access_key;  // "" when unsigned or in-process
};

// A secret that the emulator issued or was given.
struct KnownKey {
  std::string access_key;
  std::string secret;
  std::string session_token;  // "" for long-lived keys
  Principal principal;
  bool active = true;
  std::optional<WorldTime> expires;  // of temporary keys
};

// Where keys are looked up. IAM and STS register theirs as a source; thread-safe.
class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual std::optional<KnownKey> find_key(std::string_view access_key) const = 0;
};

// Thread-safe after construction.
class Identity {
 public:
  // `verify`: --verify-signatures. Test/test is always known.
  Identity(bool verify, const MachineClock& machine, const WorldClock& world);

  // Adds the keys of a file in the shared credentials format, with `account = …` lines. Throws
  // std::runtime_error naming file and line.
  void load_credentials(const std::string& path);
  void add_source(const KeySource& source);

  // The account of an access key: that of a known key, else the key itself if it is 12 digits, else
  // 000000000000.
  Principal principal(std::string_view access_key) const;

  // Who sent this. With `verify` a wrong signature, an unknown key or a stale date throws the
  // AwsError of `service`, and an unsigned call is anonymous; without, nothing is checked.
  // The body is hashed only when that is needed. With `body_follows` it is not there yet: whoever
  // reads it compares it with the digest that the head states.
  Principal authenticate(const http::RequestHead& head, const std::optional<Signature>& signature,
                         std::string_view body, bool body_follows = false) const;
  bool verifies() const { return verify_; }
  // Who signed this, for what asks for a signature whatever the settings: that of a known key is
  // checked. Without `verify` any other key passes. Throws as `authenticate` does.
  Principal verified(const http::RequestHead& head, const Signature& signature,
                     std::string_view body, bool body_follows = false) const;
  // Who signed a text (the policy of a form): of `signature` it uses access_key, signature, version
  // and for version 4 the scope. With `verify` it must be right. Throws AwsError in S3's words.
  Principal signer(std::string_view text, const Signature& signature,
                   std::string_view session_token) const;

 private:
  std::optional<KnownKey> find(std::string_view access_key) const;
  void verify_signature(const http::RequestHead& head, const Signature& signature,
                        const KnownKey& key, std::string_view body, bool body_follows) const;
  void check_time(const http::RequestHead& head, const Signature& signature) const;
  void check_presigned(const Signature& signature) const;

  const bool verify_;
  const MachineClock& machine_;
  const WorldClock& world_;
  std::map<std::string, KnownKey, std::less<>> file_keys_;
  std::vector<const KeySource*> sources_;
};

// The principal of an account's root user.
Principal root_principal(std::string account);
bool is_account_id(std::string_view text);  // 12 digits

// The SigV4 signature of a request in hex, as a client would make it (also used by lambdas/sdk
// elsewhere). Of `scope` it uses date, region, service, signed_headers, timestamp and in_query.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
std::string sign_v4(const http::RequestHead& head, std::string_view payload_hash,
                    const Signature& scope, std::string_view secret);
// Of a text alone, as forms sign their policy; in hex and in base64.
std::string sign_text_v4(std::string_view text, const Signature& scope, std::string_view secret);
std::string sign_text_v2(std::string_view text, std::string_view secret);
// True if the request's signature of version 2 is that of `secret`.
bool matches_v2(const http::RequestHead& head, const Signature& signature, std::string_view secret);

}  // namespace paddock::identity
