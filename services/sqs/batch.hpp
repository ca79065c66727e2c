// What the batch operations share: the checks of a batch, and its answer entry by entry.
#pragma once

#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/json.hpp"

namespace paddock::services::sqs {

// Throws EmptyBatchRequest (naming `entry`), TooManyEntriesInBatchRequest, InvalidBatchEntryId,
// BatchEntryIdsNotDistinct.
void check_batch(const Json& entries, std::string_view entry);

class BatchAnswer {
 public:
  // Runs `step` for an entry; an AwsError makes it one of the failed. True if it went well.
  template <class Step>
  bool attempt(const Json& entry, Step step) {
    try {
      step();
      return true;
    } catch (const AwsError& error) {
      failed(entry, error);
      return false;
    }
  }
  void succeeded(Json entry) { successful_.push_back(std::move(entry)); }
  Json document();

 private:
  void failed(const Json& entry, const AwsError& error);

  Json successful_ = Json::array();
  Json failed_ = Json::array();
};

}  // namespace paddock::services::sqs
