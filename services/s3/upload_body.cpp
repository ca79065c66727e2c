#include "services/s3/upload_body.hpp"

#include <charconv>

#include "core/cipher.hpp"
#include "core/text.hpp"
#include "http/exchange.hpp"
#include "models/s3.hpp"
#include "services/s3/chunked.hpp"
#include "services/s3/errors.hpp"

namespace paddock::services::s3 {
namespace upload_detail {

namespace members = ::paddock::models::s3_members;

// Beyond it a piece is summed and written on the work pool.
constexpr size_t kInlinePiece = 64 * 1024;
constexpr size_t kGathered = 1024 * 1024;

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// All that is done with a body's bytes.
class Sink {
 public:
  Sink(storage::BlobWriter writer, Algorithm algorithm, Algorithm kept, bool sha256)
      : received(std::make_shared<Received>(std::move(writer))), summer_(algorithm) {
    if (kept != algorithm) kept_.emplace(kept);
    if (sha256) sha256_.emplace(Hasher::Algorithm::sha256);
  }
  // Stores what comes encrypted.
  void encrypt(const std::string& key, const std::string& counter) {
    cipher_.emplace(key, counter);
    stored_.emplace(Hasher::Algorithm::md5);
  }
  void take(std::string_view bytes) {
    md5_.update(bytes);
    summer_.update(bytes);
    if (kept_) kept_->update(bytes);
    if (sha256_) sha256_->update(bytes);
    received->size += bytes.size();
    if (!cipher_) {
      received->writer.append(bytes);
      return;
    }
    const std::string sealed = cipher_->apply(bytes);
    stored_->update(sealed);
    received->writer.append(sealed);
  }
  void finish() {
    received->md5 = md5_.finish();
    received->tag = stored_ ? stored_->finish() : received->md5;
    received->checksum.algorithm = summer_.algorithm();
    received->checksum.bytes = summer_.finish();
    received->kept = kept_ ? kept_->finish() : received->checksum.bytes;
  }
  std::string sha256_hex() { return to_hex(sha256_->finish()); }

  std::shared_ptr<Received> received;

 private:
  Hasher md5_{Hasher::Algorithm::md5};
  Summer summer_;
  std::optional<Summer> kept_;
  std::optional<Hasher> sha256_;
  std::optional<Aes256Counter> cipher_;
  std::optional<Hasher> stored_;
};

// The algorithm that a trailer is to carry.
std::optional<Algorithm> announced(std::string_view trailer) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  for (const std::string_view name : split(trailer, ',')) {
    const std::string lower = to_lower(trim(name));
    if (!lower.starts_with(kPrefix)) continue;
    const auto algorithm = algorithm_of(std::string_view(lower).substr(kPrefix.size()));
    if (!algorithm) {
      throw errors::invalid_request(
          "The value specified in the x-amz-trailer header is not "
          "supported");
    }
    return algorithm;
  }
  return std::nullopt;
}

void check_received(const BodyFacts& facts, const Received& received) {
  if (facts.length && received.size != *facts.length) throw errors::incomplete_body();
  if (!facts.content_md5.empty() && facts.content_md5 != received.md5) {
    throw errors::bad_md5(to_hex(facts.content_md5), to_base64(received.md5));
  }
  if (!facts.checksum.empty() && facts.checksum != received.checksum.bytes) {
    throw errors::bad_checksum(name_of(facts.algorithm));
  }
}

void take_trailer(const ChunkDecoder& decoder, BodyFacts& facts) {
  const std::string wanted = header_of(facts.algorithm);
  for (const auto& [name, value] : decoder.trailers()) {
    if (name != wanted) continue;
    const auto bytes = parse_checksum(facts.algorithm, value);
    if (!bytes) throw errors::invalid_checksum_value(wanted);
    facts.checksum = *bytes;
  }
  if (facts.checksum.empty()) {
    throw AwsError("MalformedTrailerError",
                   "The request contained trailing data that was not well-formed or did not "
                   "conform to our published schema.");
  }
}

// Reads pieces until about a megabyte is there or the body ends.
Task<bool> gather(http::Exchange& exchange, ChunkDecoder* decoder, std::string& out) {
  while (out.size() < kGathered) {
    std::string piece = co_await exchange.read();
    if (piece.empty()) co_return false;
    if (decoder != nullptr) {
      decoder->feed(piece, out);
    } else if (out.empty()) {
      out = std::move(piece);
    } else {
      out.append(piece);
    }
  }
  co_return true;
}

Task<void> pull(gateway::RequestContext& context, BodyFacts& facts, Sink& sink) {
  std::optional<ChunkDecoder> decoder;
  if (facts.chunked) decoder.emplace();
  ChunkDecoder* const framing = decoder ? &*decoder : nullptr;
  bool more = true;
  while (more) {
    std::string bytes;
    more = co_await gather(*context.upload, framing, bytes);
    if (facts.length && sink.received->size + bytes.size() > *facts.length) {
      throw errors::incomplete_body();
    }
    if (bytes.size() <= kInlinePiece) {
      sink.take(bytes);
      continue;
    }
    auto work = [&sink, &bytes] { sink.take(bytes); };
    co_await context.platform.work.run(std::move(work));
  }
  if (decoder && !decoder->done()) throw errors::incomplete_body();
  if (decoder && facts.in_trailer) take_trailer(*decoder, facts);
}

}  // namespace upload_detail

void refuse_other_algorithms(const Json& input) {
  for (const char* member :
       {upload_detail::members::ChecksumSHA512, upload_detail::members::ChecksumMD5,
        upload_detail::members::ChecksumXXHASH64, upload_detail::members::ChecksumXXHASH3,
        upload_detail::members::ChecksumXXHASH128}) {
    if (input.contains(member)) {
      throw errors::invalid_request(
          "Checksum algorithm provided is unsupported. Please try again with any of the valid "
          "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
  }
}

void read_checksum_members(const Json& input, Algorithm& algorithm, std::string& value) {
  refuse_other_algorithms(input);
  for (const Algorithm one : kAlgorithms) {
    const auto found = input.find(member_of(one));
    if (found == input.end()) continue;
    if (!value.empty()) {
      throw errors::invalid_request(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    const auto bytes = parse_checksum(one, found->get_ref<const std::string&>());
    if (!bytes) throw errors::invalid_checksum_value(header_of(one));
    algorithm = one;
    value = *bytes;
  }
}

BodyFacts body_facts(const gateway::RequestContext& context, const Json& input, uint64_t most) {
  namespace members = upload_detail::members;
  BodyFacts facts;
  read_checksum_members(input, facts.algorithm, facts.checksum);
  if (const auto md5 = input.find(members::ContentMD5); md5 != input.end()) {
    const auto bytes = from_base64(md5->get_ref<const std::string&>());
    if (!bytes || bytes->size() != 16) {
      throw errors::invalid_digest(md5->get_ref<const std::string&>());
    }
    facts.content_md5 = *bytes;
  }
  if (context.upload == nullptr) return facts;
  const http::Headers& headers = context.head->headers;
  const std::string_view digest = headers.get("x-amz-content-sha256");
  // The digest says it; Content-Encoding may not.
  facts.chunked = digest.starts_with("STREAMING-");
  if (facts.chunked) {
    facts.length = upload_detail::number(headers.get("x-amz-decoded-content-length"));
    if (!facts.length) throw errors::missing_content_length();
    if (const auto algorithm = upload_detail::announced(headers.get("x-amz-trailer"))) {
      if (!facts.checksum.empty()) {
        throw errors::invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
      }
      facts.algorithm = *algorithm;
      facts.in_trailer = true;
    }
  } else {
    if (context.upload->content_length() < 0) throw errors::missing_content_length();
    facts.length = static_cast<uint64_t>(context.upload->content_length());
    const bool stated = digest.size() == 64 && context.platform.identity.verifies();
    if (stated) facts.sha256_hex = digest;
  }
  if (*facts.length > most) throw errors::entity_too_large(*facts.length, most);
  if (headers.has("x-amz-sdk-checksum-algorithm") && facts.algorithm == Algorithm::none) {
    throw errors::invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
  }
  return facts;
}

Task<std::shared_ptr<Received>> receive_body(gateway::RequestContext& context, const Json& input,
                                             BodyFacts facts, RealmId realm, Algorithm kept) {
  const Algorithm algorithm = facts.algorithm == Algorithm::none ? kept : facts.algorithm;
  upload_detail::Sink sink(context.platform.blobs.create(realm, facts.length.value_or(0)),
                           algorithm, kept, !facts.sha256_hex.empty());
  if (!facts.key.empty()) sink.encrypt(facts.key, facts.counter);
  if (context.upload != nullptr) {
    co_await upload_detail::pull(context, facts, sink);
  } else if (const auto body = input.find(upload_detail::members::Body); body != input.end()) {
    const auto& bytes = body->get_binary();
    sink.take(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  sink.finish();
  upload_detail::check_received(facts, *sink.received);
  if (!facts.sha256_hex.empty()) {
    const std::string computed = sink.sha256_hex();
    if (!equal_ignore_case(computed, facts.sha256_hex)) {
      throw errors::payload_hash_mismatch(facts.sha256_hex, computed);
    }
  }
  co_return sink.received;
}

void check_document_digest(const gateway::RequestContext& context, bool required) {
  if (context.head == nullptr) return;
  const http::Headers& headers = context.head->headers;
  bool found = false;
  if (headers.has("content-md5")) {
    found = true;
    const std::string_view text = headers.get("content-md5");
    const auto expected = from_base64(text);
    if (!expected || expected->size() != 16) throw errors::invalid_digest(text);
    const std::string actual = md5(context.body);
    if (*expected != actual) throw errors::bad_md5(to_hex(*expected), to_base64(actual));
  }
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string name = header_of(algorithm);
    if (!headers.has(name)) continue;
    found = true;
    const auto expected = parse_checksum(algorithm, headers.get(name));
    if (!expected) throw errors::invalid_checksum_value(name);
    Summer summer(algorithm);
    summer.update(context.body);
    if (summer.finish() != *expected) throw errors::bad_checksum(name_of(algorithm));
  }
  if (required && !found) {
    throw errors::invalid_request(
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
}

}  // namespace paddock::services::s3
