// A body on its way in: read from the client in bounded memory, decoded, summed, compared with what
// the client said of it, and written as a blob.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "gateway/service.hpp"
#include "services/s3/checksums.hpp"
#include "storage/blobs.hpp"

namespace paddock::services::s3 {

// What the headers say of a body. Checked before any of it is read.
struct BodyFacts {
  bool chunked = false;                   // aws-chunked
  std::optional<uint64_t> length;         // of the content, if it was said
  Algorithm algorithm = Algorithm::none;  // none: nothing was asked for
  std::string checksum;                   // raw, from a header; "": from the trailer, or none
  bool in_trailer = false;
  std::string content_md5;   // raw; ""
  std::string sha256_hex;    // to be compared, "" if not
  std::string key, counter;  // of the customer's encryption; "": none
};

// Throws AwsError: MissingContentLength, InvalidDigest, EntityTooLarge, InvalidRequest.
BodyFacts body_facts(const gateway::RequestContext& context, const Json& input, uint64_t most);

// The checksum that headers or members give: the algorithm and the raw value. Throws InvalidRequest
// for more than one, a malformed or an unknown one.
void read_checksum_members(const Json& input, Algorithm& algorithm, std::string& value);
// Refuses checksums of algorithms that S3 has and this does not. Throws InvalidRequest.
void refuse_other_algorithms(const Json& input);

struct Received {
  explicit Received(storage::BlobWriter w) : writer(std::move(w)) {}

  storage::BlobWriter writer;  // not sealed yet
  uint64_t size = 0;
  std::string md5;    // raw
  std::string tag;    // raw: the MD5 of what is stored
  Checksum checksum;  // of the algorithm that the client named, else of the kept one
  std::string kept;   // raw, of the kept one
};

// Reads the whole body. `kept` is the algorithm to sum with beside the one that the client named.
// Throws
// AwsError: IncompleteBody, BadDigest, XAmzContentSHA256Mismatch.
Task<std::shared_ptr<Received>> receive_body(gateway::RequestContext& context, const Json& input,
                                             BodyFacts facts, RealmId realm, Algorithm kept);

// For operations whose input is a document: its Content-MD5 or checksum, of which one must be there
// if `required`. Throws AwsError.
void check_document_digest(const gateway::RequestContext& context, bool required);

}  // namespace paddock::services::s3
