// What is wrong with a signature, and how the services of each protocol family say so.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "http/message.hpp"

namespace paddock::identity {

enum class SignatureProblem {
  incomplete,     // malformed or lacking a part
  invalid,        // wrong signature, scope or date
  unknown_key,    // no such access key, an inactive one, or a wrong session token
  expired_token,  // temporary keys past their end
};

// The family is told from the head alone, since a signature is read before the operation is known:
// S3 by its signing name, X-Amz-Target for awsJson, a form or Action parameter for awsQuery, else
// REST.
//
//              awsJson (400), REST (403)     awsQuery                      s3
// incomplete   IncompleteSignatureException  IncompleteSignature 400 AuthorizationHeaderMalformed
// invalid      InvalidSignatureException     SignatureDoesNotMatch 403     SignatureDoesNotMatch
// unknown_key  UnrecognizedClientException   InvalidClientTokenId 403      InvalidAccessKeyId
// expired      ExpiredTokenException         ExpiredToken 403              ExpiredToken
AwsError signature_error(SignatureProblem problem, std::string message,
                         const http::RequestHead& head, std::string_view signing_name);

// An unsigned call to a service that answers no anonymous ones: MissingAuthenticationTokenException
// (awsJson 400, REST 403), MissingAuthenticationToken (awsQuery 403).
AwsError missing_token(const http::RequestHead& head, std::string_view signing_name);

AwsError unknown_key(const http::RequestHead& head, std::string_view signing_name,
                     const std::string& access_key);
AwsError expired_token(const http::RequestHead& head, std::string_view signing_name);
AwsError signature_mismatch(const http::RequestHead& head, std::string_view signing_name);

}  // namespace paddock::identity
