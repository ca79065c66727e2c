// The aws-chunked coding of request bodies, signed or not, with or without a trailer:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::services::s3 {

// Takes the body in pieces of any size. For one thread at a time. The chunks' signatures are read
// over, not checked.
class ChunkDecoder {
 public:
  static constexpr size_t kLineMax = 8 * 1024;
  static constexpr size_t kTrailersMax = 16;

  // Appends what `piece` holds of the body to `out`. Throws AwsError IncompleteBody for broken
  // framing.
  void feed(std::string_view piece, std::string& out);
  // True once the last chunk and the trailer were there.
  bool done() const { return state_ == State::done; }
  // Names in lower case.
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { size, data, after_data, trailer, done };
  void take_line();

  State state_ = State::size;
  uint64_t left_ = 0;  // of the chunk
  std::string line_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace paddock::services::s3
