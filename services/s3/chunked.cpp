#include "services/s3/chunked.hpp"

#include <charconv>

#include "core/text.hpp"
#include "services/s3/errors.hpp"

namespace paddock::services::s3 {

void ChunkDecoder::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    if (state_ == State::data) {
      const size_t taken = static_cast<size_t>(std::min<uint64_t>(left_, piece.size()));
      out.append(piece.substr(0, taken));
      piece.remove_prefix(taken);
      left_ -= taken;
      if (left_ == 0) state_ = State::after_data;
      continue;
    }
    if (state_ == State::done) throw errors::incomplete_body();
    const size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (line_.size() + part.size() > kLineMax) throw errors::incomplete_body();
    line_.append(part);
    if (end == std::string_view::npos) return;
    piece.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    take_line();
    line_.clear();
  }
}

void ChunkDecoder::take_line() {
  if (state_ == State::after_data) {
    if (!line_.empty()) throw errors::incomplete_body();
    state_ = State::size;
    return;
  }
  if (state_ == State::size) {
    const std::string_view digits = trim(std::string_view(line_).substr(0, line_.find(';')));
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
      throw errors::incomplete_body();
    }
    state_ = left_ == 0 ? State::trailer : State::data;
    return;
  }
  if (line_.empty()) {
    state_ = State::done;
    return;
  }
  const size_t colon = line_.find(':');
  if (colon == std::string::npos || trailers_.size() == kTrailersMax) {
    throw errors::incomplete_body();
  }
  trailers_.emplace_back(to_lower(line_.substr(0, colon)),
                         std::string(trim(std::string_view(line_).substr(colon + 1))));
}

}  // namespace paddock::services::s3
