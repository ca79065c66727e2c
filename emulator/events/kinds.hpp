// The kind bytes of the rows that events/ keeps (0xE0 to 0xEF are its own), by family. Byte formats
// are at the top of the file named beside each.
#pragma once

#include "storage/keys.hpp"

namespace paddock::events {

inline constexpr storage::Kind kTimerDueKind = 0xE0;        // timers: scheduler.cpp
inline constexpr storage::Kind kTimerNameKind = 0xE1;       // timers: scheduler.cpp
inline constexpr storage::Kind kOutboxKind = 0xE2;          // queue: outbox.cpp
inline constexpr storage::Kind kLogReservationKind = 0xE3;  // meta: log_sequencer.cpp
inline constexpr storage::Kind kMetricKind = 0xE4;          // stats: metrics.cpp
inline constexpr storage::Kind kMailKind = 0xE5;            // rows: mailbox.hpp

}  // namespace paddock::events
