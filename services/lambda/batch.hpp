// Batches of stream records: which of them pass, what the function is given, and what it reports.
// Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "events/log_source.hpp"
#include "services/lambda/filter.hpp"

namespace paddock::services::lambda {

// The records of the page that pass, in order. They point into the page. Of a Kinesis record the
// filter sees the members of `kinesis` beside it too, with `data` as the JSON (else the text) that
// it is in base64.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
std::vector<const events::LogRecord*> select(const events::LogPage& page, const Filter& filter);

// {"Records": […]} as text, each record with its source's ARN; Kinesis records also with the
// function's role.
std::string event_of(const std::vector<const events::LogRecord*>& records,
                     const std::string& stream_arn, const std::string& region,
                     const std::string& role = "");

// Where a reader goes on after the first `count` records of the page.
uint64_t position_after(const events::LogPage& page, size_t count);

// Index of the first record that a ReportBatchItemFailures answer names; the page's size if none
// failed; 0 (all) for an answer that is malformed or names a record that is not in the page.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
size_t first_failure(const std::string& answer, const events::LogPage& page);

}  // namespace paddock::services::lambda
