#include "core/error.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/queue_events.hpp"
#include "services/lambda/url_http.hpp"

// What users and functions hand to Lambda as text: a filter's pattern with a record (cut at the
// first NUL), an answer to a URL's request, a streamed answer's beginning, a report of a batch's
// failures; and a message's body before a filter.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock::services::lambda;
  using paddock::Json;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find('\0');
  const Json record =
      cut == std::string::npos ? Json() : Json::parse(text.substr(cut + 1), nullptr, false);
  try {
    const Json filter = {{"Pattern", text.substr(0, cut)}};
    const Json criteria = {{"Filters", Json::array({filter})}};
    const Filter parsed(criteria);
    if (!record.is_discarded()) parsed.matches(record);
  } catch (const paddock::AwsError&) {
  }
  QueuedMessage message;
  message.id = "id";
  succeeded_messages(text, {message});
  const Json criteria = {{"Filters", Json::array({{{"Pattern", R"({"body":{"a":["b"]}})"}}})}};
  queue_record_passes({{"body", text}}, Filter(criteria));
  url_response(text);
  url_prelude(text);
  return 0;
}
