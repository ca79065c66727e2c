// What S3 reads besides XML: aws-chunked bodies, ranges, version ids, entity tags, checksums, tags.
#include <cstdlib>
#include <string>

#include "core/error.hpp"
#include "services/s3/checksums.hpp"
#include "services/s3/chunked.hpp"
#include "services/s3/model.hpp"

namespace s3 = paddock::services::s3;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// However it is cut, a body is decoded to the same bytes.
void decode_in_pieces(std::string_view body, size_t step) {
  s3::ChunkDecoder whole;
  s3::ChunkDecoder cut;
  std::string at_once, in_pieces;
  bool refused = false;
  try {
    whole.feed(body, at_once);
  } catch (const paddock::AwsError&) {
    refused = true;
  }
  try {
    for (size_t at = 0; at < body.size(); at += step) cut.feed(body.substr(at, step), in_pieces);
    check(!refused);
    check(at_once == in_pieces && whole.done() == cut.done());
  } catch (const paddock::AwsError&) {
    check(refused);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  decode_in_pieces(text, size_t{1} + data[0] % 16);
  s3::Span span;
  const uint64_t length = data[1];
  if (s3::parse_range(text, length, span) == s3::RangeOutcome::part) {
    check(span.length > 0 && span.offset + span.length <= length);
  }
  if (const auto copied = s3::parse_copy_range(text)) check(copied->length > 0);
  s3::order_of_version(text);
  s3::etag_matches(text, "etag");
  s3::is_bucket_name(text);
  s3::is_region(text);
  for (const s3::Algorithm algorithm : s3::kAlgorithms) s3::parse_checksum(algorithm, text);
  try {
    s3::parse_tagging_header(text);
  } catch (const paddock::AwsError&) {
    // Refused in words.
  }
  return 0;
}
