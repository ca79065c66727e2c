// What a message must be: text, subject, attributes, size, ids. Pure.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
#pragma once

#include <string>

#include "core/json.hpp"

namespace paddock::services::sns {

// Throws InvalidParameter, ParameterValueInvalid. `input`: of Publish, or an entry of PublishBatch.
void check_message(const Json& input);
// Bytes that count against the limit: of the text and of the attributes.
size_t message_size(const Json& input);

// The attributes of an input, checked, as name -> {"Type","Value"}; binary values in base64. Throws
// ParameterValueInvalid.
Json message_attributes(const Json& input);

// With MessageStructure json: protocol -> text, of the entries that are texts. Throws
// InvalidParameter for a message that is no JSON or, if `needs_default`, has no such entry.
Json texts_by_protocol(const std::string& message, bool needs_default);

// What FIFO topics ask for and others refuse. Throws InvalidParameter.
void check_fifo(const Json& input, bool fifo, bool by_content);

// The ids of a batch's entries and their number. Throws the batch's errors.
void check_batch(const Json& entries);

}  // namespace paddock::services::sns
