#include "identity/errors.hpp"

namespace paddock::identity {

namespace error_detail {

enum class Family { json, rest, query, s3 };

bool has_query_parameter(std::string_view query, std::string_view name) {
  for (size_t at = 0; at < query.size();) {
    const size_t end = query.find('&', at);
    const std::string_view part = query.substr(at, end - at);
    if (part.substr(0, part.find('=')) == name) return true;
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return false;
}

Family family_of(const http::RequestHead& head, std::string_view signing_name) {
  if (signing_name == "s3") return Family::s3;
  if (head.headers.has("x-amz-target")) return Family::json;
  const std::string_view content_type = head.headers.get("content-type");
  if (content_type.substr(0, 33) == "application/x-www-form-urlencoded" ||
      has_query_parameter(head.query, "Action")) {
    return Family::query;
  }
  return Family::rest;
}

struct Spelling {
  const char* json;  // also REST
  const char* query;
  int query_status;
  const char* s3;
  int s3_status;
};

Spelling spelling_of(SignatureProblem problem) {
  switch (problem) {
    case SignatureProblem::incomplete:
      return {"IncompleteSignatureException", "IncompleteSignature", 400,
              "AuthorizationHeaderMalformed", 400};
    case SignatureProblem::invalid:
      return {"InvalidSignatureException", "SignatureDoesNotMatch", 403, "SignatureDoesNotMatch",
              403};
    case SignatureProblem::unknown_key:
      return {"UnrecognizedClientException", "InvalidClientTokenId", 403, "InvalidAccessKeyId",
              403};
    case SignatureProblem::expired_token:
      break;
  }
  return {"ExpiredTokenException", "ExpiredToken", 403, "ExpiredToken", 400};
}

}  // namespace error_detail

AwsError signature_error(SignatureProblem problem, std::string message,
                         const http::RequestHead& head, std::string_view signing_name) {
  using error_detail::Family;
  const error_detail::Spelling spelling = error_detail::spelling_of(problem);
  switch (error_detail::family_of(head, signing_name)) {
    case Family::json:
      return AwsError(spelling.json, std::move(message), 400);
    case Family::rest:
      return AwsError(spelling.json, std::move(message), 403);
    case Family::query:
      return AwsError(spelling.query, std::move(message), spelling.query_status);
    case Family::s3:
      break;
  }
  return AwsError(spelling.s3, std::move(message), spelling.s3_status);
}

AwsError missing_token(const http::RequestHead& head, std::string_view signing_name) {
  using error_detail::Family;
  const Family family = error_detail::family_of(head, signing_name);
  const std::string message = "Request is missing Authentication Token";
  if (family == Family::query) return AwsError("MissingAuthenticationToken", message, 403);
  return AwsError("MissingAuthenticationTokenException", message,
                  family == Family::json ? 400 : 403);
}

AwsError unknown_key(const http::RequestHead& head, std::string_view signing_name,
                     const std::string& access_key) {
  if (signing_name != "s3") {
    return signature_error(SignatureProblem::unknown_key,
                           "The security token included in the request is invalid.", head,
                           signing_name);
  }
  return signature_error(SignatureProblem::unknown_key,
                         "The AWS Access Key Id you provided does not exist in our records.", head,
                         signing_name)
      .with("AWSAccessKeyId", access_key);
}

AwsError expired_token(const http::RequestHead& head, std::string_view signing_name) {
  return signature_error(SignatureProblem::expired_token,
                         signing_name == "s3"
                             ? "The provided token has expired."
                             : "The security token included in the request is expired",
                         head, signing_name);
}

AwsError signature_mismatch(const http::RequestHead& head, std::string_view signing_name) {
  return signature_error(
      SignatureProblem::invalid,
      signing_name == "s3"
          ? "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
          : "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service "
            "documentation for details.",
      head, signing_name);
}

}  // namespace paddock::identity
