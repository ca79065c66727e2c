// What the codecs share when they build answers.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "http/message.hpp"
#include "wire/codec.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

// The shape of an error by its name or its code on the wire; nullptr for errors that the model
// lacks (SerializationException, ValidationException of many services …).
const Shape* error_shape(const ServiceModel& service, std::string_view code);

// The code on the wire of the query protocol: the shape's own, if it has one. (The JSON protocols
// send the shape's name.)
std::string_view query_code(const Shape* shape, const AwsError& error);

// An error's JSON body. `typed`: with "__type" (the awsJson protocols). Members of the shape that
// travel in headers are left out.
std::string json_error_body(const Shape* shape, const AwsError& error, const ErrorStyle& style,
                            bool typed);

// A handler that has nothing to say may return null instead of an empty object.
const Json& or_empty_object(const Json& output);

void set_request_id(http::Response& response, std::string_view request_id);

}  // namespace paddock::wire
