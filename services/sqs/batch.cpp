#include "services/sqs/batch.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "wire/answers.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

void check_batch(const Json& entries, std::string_view entry_name) {
  if (entries.empty()) throw errors::empty_batch(entry_name);
  if (entries.size() > limits::kBatchEntries) throw errors::too_many_entries(entries.size());
  std::set<std::string> seen;
  for (const Json& entry : entries) {
    const std::string id = entry.at(m::Id);
    const bool good =
        !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '-' || c == '_';
        });
    if (!good) throw errors::batch_entry_id();
    if (!seen.insert(id).second) throw errors::repeated_entry_id(id);
  }
}

void BatchAnswer::failed(const Json& entry, const AwsError& error) {
  failed_.push_back(
      {{m::Id, entry.at(m::Id)},
       {m::SenderFault, error.status() < 500},
       {m::Code, wire::query_code(wire::error_shape(models::sqs, error.code()), error)},
       {m::Message, error.message()}});
}

Json BatchAnswer::document() {
  Json document = Json::object();
  if (!successful_.empty()) document[m::Successful] = std::move(successful_);
  if (!failed_.empty()) document[m::Failed] = std::move(failed_);
  return document;
}

}  // namespace paddock::services::sqs
