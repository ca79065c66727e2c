// XML: text with its escapes, and documents by their shape. Shared by the XML protocols.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

// Appends text content or an attribute's value. Characters that XML 1.0 lacks are written as
// numeric references, as AWS does. `text` must be well-formed UTF-8.
void append_xml_text(std::string& out, std::string_view text);

// Appends <name>text</name>.
void append_xml_element(std::string& out, std::string_view name, std::string_view text);

// Appends the members of a structure, in the model's order, without an element around them.
// Members of other locations than the body and nulls are left out. Members that the shape lacks are
// a programming error: they assert in debug builds.
void write_xml_members(const Shape& shape, const Json& value, std::string& out);

// A whole document: the declaration, and `value` in a root element of that name and namespace (""
// for none).
void write_xml_root(std::string_view name, std::string_view uri, const Shape& shape,
                    const Json& value, std::string& out);

// Parses a document whose root element is `name`, whatever its namespace, into a document of
// `shape`. Elements that the shape lacks are dropped. No entities but XML's own; a document type,
// more than kMaxDepth levels, invalid UTF-8 and text of another type than the member's are refused.
// Throws AwsError MalformedXML.
Json read_xml(const ServiceModel& service, std::string_view name, const Shape& shape,
              std::string_view text);

}  // namespace paddock::wire
