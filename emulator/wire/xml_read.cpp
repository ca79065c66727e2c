// Reading XML by shape, over pugixml: it knows no external entities and expands none of a
// document's own.
#include <pugixml.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "wire/codec.hpp"
#include "wire/json_document.hpp"
#include "wire/xml.hpp"

namespace paddock::wire {
namespace xml_read_detail {

[[noreturn]] void malformed() {
  throw AwsError("MalformedXML",
                 "The XML you provided was not well-formed or did not validate against our "
                 "published schema");
}

std::string_view local_name(std::string_view name) {
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The text of an element that must have no others in it.
std::string text_of(const pugi::xml_node& element) {
  std::string text;
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element) malformed();
    text += child.value();
  }
  // Character references can make what the bytes did not have.
  if (!valid_utf8(text)) malformed();
  return text;
}

class Reader {
 public:
  explicit Reader(const ServiceModel& service) : context_{service, Wording::token} {}

  Json structure(const Shape& shape, const pugi::xml_node& element, size_t depth) const;

 private:
  Json value(const Shape& shape, const pugi::xml_node& element, size_t depth) const;
  Json list(const Shape& shape, const pugi::xml_node& element, size_t depth) const;
  Json map(const Shape& shape, const pugi::xml_node& element, size_t depth) const;
  void map_entry(const Shape& shape, const pugi::xml_node& entry, size_t depth, Json& out) const;
  Json scalar(const Shape& shape, std::string_view text) const;

  JsonReadContext context_;
};

Json Reader::scalar(const Shape& shape, std::string_view text) const {
  const bool is_text = shape.type == Type::string;
  try {
    return read_text(context_, shape, is_text ? text : trim(text), TimestampFormat::iso8601);
  } catch (const AwsError&) {
    malformed();
  }
}

Json Reader::value(const Shape& shape, const pugi::xml_node& element, size_t depth) const {
  if (depth > kMaxDepth) malformed();
  switch (shape.type) {
    case Type::structure:
      return structure(shape, element, depth);
    case Type::list:
      return list(shape, element, depth);
    case Type::map:
      return map(shape, element, depth);
    default:
      return scalar(shape, text_of(element));
  }
}

Json Reader::list(const Shape& shape, const pugi::xml_node& element, size_t depth) const {
  Json items = Json::array();
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() != pugi::node_element) continue;
    if (local_name(child.name()) != shape.element->wire_name) continue;
    items.push_back(value(*shape.element->shape, child, depth + 1));
  }
  return items;
}

void Reader::map_entry(const Shape& shape, const pugi::xml_node& entry, size_t depth,
                       Json& out) const {
  std::string key;
  Json item;
  for (const pugi::xml_node& child : entry.children()) {
    if (child.type() != pugi::node_element) continue;
    if (local_name(child.name()) == shape.key->wire_name) key = text_of(child);
    if (local_name(child.name()) == shape.element->wire_name) {
      item = value(*shape.element->shape, child, depth + 1);
    }
  }
  out[key] = std::move(item);
}

Json Reader::map(const Shape& shape, const pugi::xml_node& element, size_t depth) const {
  Json entries = Json::object();
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element) map_entry(shape, child, depth, entries);
  }
  return entries;
}

// The name under which an element of a flattened list stands in its structure.
std::string_view element_name(const Member& member) {
  const Member* element = member.flattened ? member.shape->element : nullptr;
  const bool own =
      element != nullptr && member.shape->type == Type::list && element->wire_name != element->name;
  return own ? element->wire_name : member.wire_name;
}

Json Reader::structure(const Shape& shape, const pugi::xml_node& element, size_t depth) const {
  Json document = Json::object();
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = local_name(child.name());
    for (const Member& member : shape.members) {
      if (member.location != Location::body || member.xml_attribute) continue;
      if (element_name(member) != name) continue;
      Json& out = document[std::string(member.name)];
      if (member.flattened && member.shape->type == Type::list) {
        out.push_back(value(*member.shape->element->shape, child, depth + 1));
      } else if (member.flattened && member.shape->type == Type::map) {
        map_entry(*member.shape, child, depth, out);
      } else {
        out = value(*member.shape, child, depth + 1);
      }
      break;
    }
  }
  for (const Member& member : shape.members) {
    if (!member.xml_attribute) continue;
    for (const pugi::xml_attribute& attribute : element.attributes()) {
      if (local_name(attribute.name()) != local_name(member.wire_name)) continue;
      document[std::string(member.name)] = scalar(*member.shape, attribute.value());
    }
  }
  return document;
}

}  // namespace xml_read_detail

Json read_xml(const ServiceModel& service, std::string_view name, const Shape& shape,
              std::string_view text) {
  if (!valid_utf8(text)) xml_read_detail::malformed();
  pugi::xml_document parsed;
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata;
  const pugi::xml_parse_result result =
      parsed.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
  if (!result) xml_read_detail::malformed();
  pugi::xml_node root;
  for (const pugi::xml_node& node : parsed.children()) {
    if (node.type() == pugi::node_doctype || (root && node.type() == pugi::node_element)) {
      xml_read_detail::malformed();
    }
    if (node.type() == pugi::node_element) root = node;
  }
  if (!root || xml_read_detail::local_name(root.name()) != name) xml_read_detail::malformed();
  return xml_read_detail::Reader(service).structure(shape, root, 1);
}

}  // namespace paddock::wire
