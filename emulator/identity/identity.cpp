#include "identity/identity.hpp"

#include <algorithm>

#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "identity/errors.hpp"

namespace paddock::identity {

namespace verify_detail {

constexpr int64_t kMaxSkewMs = 15 * 60 * 1000;
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// "20261120T073600Z" in milliseconds since 1970.
std::optional<int64_t> parse_timestamp(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::string extended(text.substr(0, 4));
  extended.append(1, '-').append(text.substr(4, 2)).append(1, '-').append(text.substr(6, 5));
  extended.append(1, ':').append(text.substr(11, 2)).append(1, ':').append(text.substr(13));
  return parse_iso8601(extended);
}

std::string timestamp(int64_t ms) {
  std::string out;
  for (const char c : iso8601(ms, false)) {
    if (c != '-' && c != ':') out += c;
  }
  return out;
}

[[noreturn]] void invalid(const http::RequestHead& head, const Signature& signature,
                          std::string message) {
  throw signature_error(SignatureProblem::invalid, std::move(message), head, signature.service);
}

bool names_host(std::string_view signed_headers) {
  const auto names = split(signed_headers, ';');
  return std::find(names.begin(), names.end(), "host") != names.end();
}

// What the client signed as its body. A digest that it states must be that of the body.
std::string payload_hash(const http::RequestHead& head, const Signature& signature,
                         std::string_view body, bool body_follows) {
  const std::string_view stated = head.headers.get("x-amz-content-sha256");
  if (body_follows && !stated.empty()) return std::string(stated);
  if (stated == kUnsignedPayload || stated.substr(0, 10) == "STREAMING-") {
    return std::string(stated);
  }
  if (signature.in_query && signature.service == "s3") return std::string(kUnsignedPayload);
  std::string actual = sha256_hex(body);
  if (signature.service == "s3" && !stated.empty() && stated != actual) {
    throw AwsError("XAmzContentSHA256Mismatch",
                   "The provided 'x-amz-content-sha256' header does not match what was computed.",
                   400)
        .with("ClientComputedContentSHA256", std::string(stated))
        .with("S3ComputedContentSHA256", actual);
  }
  return actual;
}

AwsError mismatch(const http::RequestHead& head, const Signature& signature) {
  AwsError error = signature_mismatch(head, signature.service);
  if (signature.service == "s3") {
    error.with("AWSAccessKeyId", signature.access_key);
    error.with("SignatureProvided", signature.signature);
  }
  return error;
}

// Of a presigned URL, whoever has it may add nothing.
void check_all_signed(const http::RequestHead& head, const Signature& signature) {
  const auto names = split(signature.signed_headers, ';');
  std::string unsigned_names;
  for (const auto& [name, value] : head.headers) {
    const std::string lower = to_lower(name);
    if (!lower.starts_with("x-amz-") || lower == "x-amz-content-sha256") continue;
    if (std::find(names.begin(), names.end(), lower) != names.end()) continue;
    if (!unsigned_names.empty()) unsigned_names += ", ";
    unsigned_names += lower;
  }
  if (unsigned_names.empty()) return;
  throw AwsError("AccessDenied", "There were headers present in the request which were not signed",
                 403)
      .with("HeadersNotSigned", unsigned_names);
}

std::string security_token(const http::RequestHead& head, const Signature& signature) {
  if (!signature.in_query) return std::string(head.headers.get("x-amz-security-token"));
  for (const std::string_view part : split(head.query, '&')) {
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos &&
        equal_ignore_case(url_decode(part.substr(0, equals)), "X-Amz-Security-Token")) {
      return url_decode(part.substr(equals + 1));
    }
  }
  return "";
}

}  // namespace verify_detail

bool is_account_id(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Principal root_principal(std::string account) {
  Principal principal;
  principal.arn = "arn:aws:iam::" + account + ":root";
  principal.user_id = account;
  principal.account = std::move(account);
  return principal;
}

Identity::Identity(bool verify, const MachineClock& machine, const WorldClock& world)
    : verify_(verify), machine_(machine), world_(world) {
  KnownKey test;
  test.access_key = test.secret = "test";
  test.principal = root_principal(std::string(kDefaultAccount));
  test.principal.access_key = "test";
  file_keys_.emplace("test", std::move(test));
}

void Identity::add_source(const KeySource& source) {
  sources_.push_back(&source);
}

std::optional<KnownKey> Identity::find(std::string_view access_key) const {
  const auto known = file_keys_.find(access_key);
  if (known != file_keys_.end()) return known->second;
  for (const KeySource* source : sources_) {
    if (auto key = source->find_key(access_key)) return key;
  }
  return std::nullopt;
}

Principal Identity::principal(std::string_view access_key) const {
  const auto listed = file_keys_.find(access_key);
  if (listed != file_keys_.end()) return listed->second.principal;
  if (auto known = find(access_key)) return std::move(known->principal);
  Principal principal =
      root_principal(std::string(is_account_id(access_key) ? access_key : kDefaultAccount));
  principal.access_key = access_key;
  return principal;
}

Principal Identity::authenticate(const http::RequestHead& head,
                                 const std::optional<Signature>& signature, std::string_view body,
                                 bool body_follows) const {
  if (!signature) {
    if (!verify_) return root_principal(std::string(kDefaultAccount));
    Principal anonymous;
    anonymous.kind = Principal::Kind::anonymous;
    return anonymous;
  }
  // A presigned URL ends whatever the settings.
  if (signature->in_query && signature->service == "s3") check_presigned(*signature);
  if (!verify_) return principal(signature->access_key);
  return verified(head, *signature, body, body_follows);
}

Principal Identity::verified(const http::RequestHead& head, const Signature& signature,
                             std::string_view body, bool body_follows) const {
  auto known = find(signature.access_key);
  if (!known && !verify_) return principal(signature.access_key);
  if (!known || !known->active) throw unknown_key(head, signature.service, signature.access_key);
  verify_signature(head, signature, *known, body, body_follows);
  return std::move(known->principal);
}

void Identity::verify_signature(const http::RequestHead& head, const Signature& signature,
                                const KnownKey& key, std::string_view body,
                                bool body_follows) const {
  const bool s3 = signature.service == "s3";
  if (!constant_time_equal(verify_detail::security_token(head, signature), key.session_token)) {
    throw unknown_key(head, signature.service, signature.access_key);
  }
  if (key.expires && *key.expires <= world_.now()) throw expired_token(head, signature.service);
  if (signature.version == 2) {
    if (!matches_v2(head, signature, key.secret)) throw verify_detail::mismatch(head, signature);
    return;
  }
  check_time(head, signature);
  if (!verify_detail::names_host(signature.signed_headers)) {
    verify_detail::invalid(
        head, signature,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (s3 && signature.in_query) verify_detail::check_all_signed(head, signature);
  const std::string expected =
      sign_v4(head, verify_detail::payload_hash(head, signature, body, body_follows), signature,
              key.secret);
  if (!constant_time_equal(expected, signature.signature)) {
    throw verify_detail::mismatch(head, signature);
  }
}

// By world time: version 4 from when it was signed on. Version 2 names a moment of the client's
// clock.
void Identity::check_presigned(const Signature& signature) const {
  int64_t end_ms = signature.expires_at_s * 1000;
  WorldTime end = world_.from_client(end_ms);
  if (signature.version == 4) {
    const auto signed_ms = verify_detail::parse_timestamp(signature.timestamp);
    if (!signed_ms) {
      throw AwsError("AuthorizationQueryParametersError",
                     "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", 400);
    }
    end_ms = *signed_ms + signature.expires_s * 1000;
    end = world_.from_client(*signed_ms) + Milliseconds(signature.expires_s * 1000);
  }
  const WorldTime now = world_.now();
  if (now < end) return;
  AwsError error("AccessDenied", "Request has expired", 403);
  if (signature.version == 4) error.with("X-Amz-Expires", std::to_string(signature.expires_s));
  error.with("Expires", iso8601(end_ms, false)).with("ServerTime", iso8601(now.ms, false));
  throw error;
}

Principal Identity::signer(std::string_view text, const Signature& signature,
                           std::string_view session_token) const {
  if (!verify_) return principal(signature.access_key);
  const http::RequestHead none;
  auto known = find(signature.access_key);
  if (!known || !known->active || !constant_time_equal(session_token, known->session_token)) {
    throw unknown_key(none, "s3", signature.access_key);
  }
  if (known->expires && *known->expires <= world_.now()) throw expired_token(none, "s3");
  const std::string expected = signature.version == 2
                                   ? sign_text_v2(text, known->secret)
                                   : sign_text_v4(text, signature, known->secret);
  if (!constant_time_equal(expected, signature.signature)) {
    throw verify_detail::mismatch(none, signature);
  }
  return std::move(known->principal);
}

// By machine time, since that is what the client's clock shows too.
void Identity::check_time(const http::RequestHead& head, const Signature& signature) const {
  using verify_detail::kMaxSkewMs;
  const std::string& stamp = signature.timestamp;
  const auto signed_ms = verify_detail::parse_timestamp(stamp);
  if (!signed_ms) {
    throw signature_error(SignatureProblem::incomplete,
                          "Date must be in ISO-8601 'basic format'. Got '" + stamp +
                              "'. See http://en.wikipedia.org/wiki/ISO_8601",
                          head, signature.service);
  }
  if (signature.date != stamp.substr(0, 8)) {
    verify_detail::invalid(head, signature,
                           "Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                           "of date from HTTP: '" +
                               signature.date + "' != '" + stamp.substr(0, 8) + "', from '" +
                               stamp + "'.");
  }
  const int64_t now_ms = machine_.wall_ms();
  const bool presigned = signature.in_query && signature.expires_s > 0;
  const int64_t valid_ms = presigned ? signature.expires_s * 1000 : kMaxSkewMs;
  // When one of S3 ends was asked before, by world time.
  const bool ends_by_world = signature.in_query && signature.service == "s3";
  const bool expired = !ends_by_world && *signed_ms + valid_ms < now_ms;
  const bool early = *signed_ms > now_ms + kMaxSkewMs;
  if (!expired && !early) return;
  if (signature.service == "s3") {
    throw AwsError("RequestTimeTooSkewed",
                   "The difference between the request time and the current time is too large.",
                   403);
  }
  const int64_t bound_ms = expired ? now_ms - valid_ms : now_ms + kMaxSkewMs;
  const std::string span = presigned && expired ? std::to_string(signature.expires_s) + " sec.)"
                                                : std::string("15 min.)");
  verify_detail::invalid(
      head, signature,
      (expired ? "Signature expired: " + stamp + " is now earlier than "
               : "Signature not yet current: " + stamp + " is still later than ") +
          verify_detail::timestamp(bound_ms) + " (" + verify_detail::timestamp(now_ms) +
          (expired ? " - " : " + ") + span);
}

}  // namespace paddock::identity
