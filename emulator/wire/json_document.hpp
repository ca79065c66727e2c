// The JSON form of a document and back, by its shape. Shared by the JSON protocols.
//
// Wrong types throw AwsError SerializationException in the words of AWS's own JSON layer, of which
// there are two generations: `token` names the parser's token and is DynamoDB's ("STRING_VALUE
// cannot be converted to Integer", as recorded by dynalite's tests against the service), `java`
// names the Java class and is what the older services answer ("class java.lang.Boolean can not be
// converted to an String", as recorded for API Gateway).
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

enum class Wording { token, java };

struct JsonReadContext {
  const ServiceModel& service;
  Wording wording;
};

// Turns parsed JSON into the document of `shape` in place: wire names to member names, base64 to
// binary, timestamps to milliseconds. Null and unknown members are dropped; nulls in lists and maps
// stay, for validation to refuse. Throws AwsError.
void read_json(const JsonReadContext& context, const Shape& shape, Json& value);

// A scalar from text (label, query, header, form field), to the document's form. `format` applies
// to timestamps without one of their own. Throws AwsError as read_json does.
Json read_text(const JsonReadContext& context, const Shape& shape, std::string_view text,
               TimestampFormat format);

// Appends `value` as JSON by `shape`. Members the shape lacks are a programming error: they assert
// in debug builds and are dropped in release builds.
void write_json(const Shape& shape, const Json& value, std::string& out);

// A scalar as text for labels, headers and XML: numbers, booleans, base64, timestamps.
std::string write_text(const Shape& shape, const Json& value, TimestampFormat format);

}  // namespace paddock::wire
