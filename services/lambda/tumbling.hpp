// Tumbling windows of stream mappings: fixed, adjoining spans of world time, in each of which the
// function hands a state from one batch to the next. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "events/log_source.hpp"
#include "services/lambda/invoke_store.hpp"

namespace paddock::services::lambda {

// The start of the window that a moment is in; windows begin at multiples of their span since 1970.
WorldTime window_start(WorldTime at, Milliseconds span);
// How many of the page's records, from the first on, are in the window.
size_t records_in_window(const events::LogPage& page, WorldTime start, Milliseconds span);

// A batch's event with what windows add. `event` is {"Records": […]} as text.
std::string window_event(std::string event, const OpenWindow& window, Milliseconds span,
                         const std::string& shard, const std::string& source_arn, bool final_run);

// The state that an answer hands on: {} if it has none; nullopt if it is no object.
std::optional<Json> state_of(const std::string& answer);
// Whether that much state ends its window early.
bool is_too_large(const Json& state);

}  // namespace paddock::services::lambda
