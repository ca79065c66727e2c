// What of an operation travels outside the body: labels, query, headers and the status. Shared by
// the REST protocols.
#pragma once

#include "core/json.hpp"
#include "http/message.hpp"
#include "wire/codec.hpp"
#include "wire/json_document.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

// Adds the members of labels, query and headers to `document`. Throws AwsError
// SerializationException for text that is not of the member's type.
void read_bindings(const JsonReadContext& context, const Shape& input, const WireRequest& request,
                   Json& document);

// Sets the headers and the status of what `value`, a document of `shape`, has for them.
void write_bindings(const Shape& shape, const Json& value, http::Response& response);

// True if a member travels in the body beside others.
bool has_body_members(const Shape& shape);

}  // namespace paddock::wire
