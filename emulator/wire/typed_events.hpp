// The events of an operation whose answer is an event stream (StartLiveTail, SubscribeToShard,
// InvokeWithResponseStream, SelectObjectContent …) as messages, by the operation's model
// (https://smithy.io/2.0/spec/event-streams.html). Pure functions; the JSON protocols so far.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"
#include "wire/codec.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

inline constexpr std::string_view kEventStreamType = "application/vnd.amazon.eventstream";

// The member of the operation's output that is the stream; nullptr: it has none.
const Member* event_stream_member(const OperationModel& operation);

// One event: `event` is the name of the union's member, `document` one of that member's shape. A
// member marked as the event's payload is the message's payload as it is; else the payload is the
// document in the service's protocol. Throws std::logic_error for an event that the model lacks,
// BadEventStream for one that is too long.
std::string encode_typed_event(const ServiceModel& service, const OperationModel& operation,
                               std::string_view event, const Json& document);

// The first message of the RPC protocols, which have no other place for the output's other members:
// `head` is a document of the output without its stream.
std::string encode_initial_response(const ServiceModel& service, const OperationModel& operation,
                                    const Json& head);

// The last message of a stream that fails: an exception, if the union has a member of the error's
// code; else an error message with code and text.
std::string encode_failure(const ServiceModel& service, const OperationModel& operation,
                           const AwsError& error, const ErrorStyle& style);

}  // namespace paddock::wire
