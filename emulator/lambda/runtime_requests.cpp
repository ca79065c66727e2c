#include "lambda/runtime_requests.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace paddock::lambda {
namespace requests {

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";
constexpr std::string_view kInvocation = "invocation/";

void route(RuntimeRequest& request, const http::RequestHead& head) {
  using Kind = RuntimeRequest::Kind;
  std::string_view path = head.path;
  if (!path.starts_with(kPrefix)) return;
  path.remove_prefix(kPrefix.size());
  if (head.method == "GET" && path == "invocation/next") {
    request.kind = Kind::next;
  } else if (head.method == "POST" && path == "init/error") {
    request.kind = Kind::init_error;
  } else if (head.method == "POST" && path.starts_with(kInvocation)) {
    path.remove_prefix(kInvocation.size());
    const size_t slash = path.find('/');
    if (slash == 0 || slash == std::string_view::npos) return;
    request.id = path.substr(0, slash);
    path.remove_prefix(slash);
    if (path == "/response") request.kind = Kind::response;
    if (path == "/error") request.kind = Kind::error;
  }
}

}  // namespace requests

RuntimeRequests::RuntimeRequests(size_t most_body)
    : most_body_(most_body), parser_(kMostHeaderBytes) {}

void RuntimeRequests::add(std::string_view bytes) {
  bytes_ += bytes;
}

bool RuntimeRequests::wants_continue() {
  return std::exchange(expects_continue_, false);
}

std::optional<RuntimeRequest> RuntimeRequests::take() {
  if (!begun_ || !parser_.head_done()) {
    if (!read_head()) {
      if (begun_ && parser_.refusal()) return refuse(parser_.refusal().status);
      return std::nullopt;
    }
    // A page of some web site has no business here.
    if (head_.headers.has("origin")) return refuse(403);
    expects_continue_ = parser_.expects_continue();
    requests::route(request_, head_);
  }
  const bool done = parser_.chunked() ? read_chunked_body() : read_sized_body();
  if (parser_.refusal()) return refuse(parser_.refusal().status);
  if (done) return finish();
  // Of chunks only their frame can be left over.
  if (parser_.chunked() && bytes_.size() > 4 * kMostHeaderBytes) return refuse(431);
  return std::nullopt;
}

bool RuntimeRequests::streams() const {
  return hands_out_ && begun_ && parser_.head_done() &&
         request_.kind == RuntimeRequest::Kind::response &&
         equal_ignore_case(head_.headers.get("Lambda-Runtime-Function-Response-Mode"), "streaming");
}

std::string RuntimeRequests::take_body() {
  taken_ += body_.size();
  return std::exchange(body_, {});
}

bool RuntimeRequests::read_head() {
  if (!begun_) {
    if (bytes_.empty()) return false;
    head_ = {};
    parser_.begin(head_);
    begun_ = true;
    body_.clear();
    request_ = {};
    taken_ = skipped_ = 0;
  }
  bytes_.erase(0, parser_.put_head(bytes_));
  return !parser_.refusal() && parser_.head_done();
}

bool RuntimeRequests::read_sized_body() {
  const auto length = static_cast<uint64_t>(std::max<int64_t>(parser_.content_length(), 0));
  if (length > most_body_ && !streams()) {
    const uint64_t left = length - skipped_;
    const size_t here = static_cast<size_t>(std::min<uint64_t>(left, bytes_.size()));
    skipped_ += here;
    bytes_.erase(0, here);
    return skipped_ == length;
  }
  const size_t missing = static_cast<size_t>(length - taken_) - body_.size();
  const size_t here = std::min(missing, bytes_.size());
  if (body_.empty() && here == bytes_.size()) {
    body_ = std::exchange(bytes_, {});
  } else {
    body_.append(bytes_, 0, here);
    bytes_.erase(0, here);
  }
  return body_.size() + taken_ == length;
}

bool RuntimeRequests::read_chunked_body() {
  bytes_.erase(0, parser_.put_chunked(bytes_, body_));
  if (!streams() && (skipped_ > 0 || body_.size() > most_body_)) {
    skipped_ += body_.size();
    body_.clear();
  }
  return !parser_.refusal() && parser_.chunked_done();
}

std::optional<RuntimeRequest> RuntimeRequests::refuse(int status) {
  RuntimeRequest request;
  request.kind = RuntimeRequest::Kind::refused;
  request.status = status;
  request.keep_alive = false;
  bytes_.clear();
  begun_ = false;
  return request;
}

RuntimeRequest RuntimeRequests::finish() {
  RuntimeRequest request = std::exchange(request_, {});
  request.headers = std::exchange(head_.headers, {});
  if (parser_.chunked()) request.trailers = parser_.trailers();
  request.body = std::exchange(body_, {});
  request.body_too_large = skipped_ > 0;
  request.keep_alive = parser_.keep_alive();
  begun_ = false;
  return request;
}

}  // namespace paddock::lambda
