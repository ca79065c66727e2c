#include "wire/xml.hpp"

#include <cassert>

#include "wire/json_document.hpp"

namespace paddock::wire {
namespace xml_detail {

void write_value(const Member& member, const Json& value, std::string& out);

void open_tag(std::string& out, std::string_view name) {
  ((out += '<') += name) += '>';
}
void close_tag(std::string& out, std::string_view name) {
  ((out += "</") += name) += '>';
}

// The start of a structure's element, with the namespace and the attributes that it carries.
void open_structure(std::string& out, std::string_view name, const Shape& shape,
                    const Json& value) {
  (out += '<') += name;
  if (!shape.xml_prefix.empty()) {
    (((out += " xmlns:") += shape.xml_prefix) += "=\"") += shape.xml_uri;
    out += '"';
  }
  for (const Member& member : shape.members) {
    const auto found = member.xml_attribute ? value.find(member.name) : value.end();
    if (found == value.end() || found->is_null()) continue;
    ((out += ' ') += member.wire_name) += "=\"";
    append_xml_text(out, write_text(*member.shape, *found, TimestampFormat::iso8601));
    out += '"';
  }
  out += '>';
}

// `outer` names the repeated element when the list is flattened, else its entries are "member".
void write_list(const Member& member, const Json& value, std::string& out) {
  const Member& element = *member.shape->element;
  if (!member.flattened) open_tag(out, member.wire_name);
  for (const Json& item : value.get_ref<const Json::array_t&>()) {
    Member entry = element;
    if (member.flattened && element.wire_name == element.name) entry.wire_name = member.wire_name;
    write_value(entry, item, out);
  }
  if (!member.flattened) close_tag(out, member.wire_name);
}

void write_map(const Member& member, const Json& value, std::string& out) {
  const std::string_view entry = member.flattened ? member.wire_name : "entry";
  if (!member.flattened) open_tag(out, member.wire_name);
  for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
    open_tag(out, entry);
    append_xml_element(out, member.shape->key->wire_name, name);
    write_value(*member.shape->element, item, out);
    close_tag(out, entry);
  }
  if (!member.flattened) close_tag(out, member.wire_name);
}

void write_value(const Member& member, const Json& value, std::string& out) {
  if (value.is_null()) return;
  switch (member.shape->type) {
    case Type::list:
      return write_list(member, value, out);
    case Type::map:
      return write_map(member, value, out);
    case Type::structure:
      open_structure(out, member.wire_name, *member.shape, value);
      write_xml_members(*member.shape, value, out);
      close_tag(out, member.wire_name);
      return;
    default:
      append_xml_element(out, member.wire_name,
                         write_text(*member.shape, value, TimestampFormat::iso8601));
  }
}

}  // namespace xml_detail

void append_xml_text(std::string& out, std::string_view text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        // A parser would turn a bare carriage return into a newline.
        if (byte >= 0x20 || c == '\n' || c == '\t') {
          out += c;
          break;
        }
        out += "&#x";
        if (byte >= 16) out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
        out += ';';
      }
    }
  }
}

void append_xml_element(std::string& out, std::string_view name, std::string_view text) {
  xml_detail::open_tag(out, name);
  append_xml_text(out, text);
  xml_detail::close_tag(out, name);
}

void write_xml_members(const Shape& shape, const Json& value, std::string& out) {
  const auto& object = value.get_ref<const Json::object_t&>();
#ifndef NDEBUG
  for (const auto& [name, item] : object) {
    assert((item.is_null() || shape.find(name) != nullptr) &&
           "the output has a member that its shape lacks");
  }
#endif
  for (const uint16_t index : shape.order) {
    const Member& member = shape.members[index];
    if (member.location != Location::body || member.xml_attribute) continue;
    const auto found = object.find(member.name);
    if (found != object.end()) xml_detail::write_value(member, found->second, out);
  }
}

void write_xml_root(std::string_view name, std::string_view uri, const Shape& shape,
                    const Json& value, std::string& out) {
  out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
  out += name;
  if (!uri.empty()) ((out += " xmlns=\"") += uri) += '"';
  out += '>';
  write_xml_members(shape, value, out);
  xml_detail::close_tag(out, name);
}

}  // namespace paddock::wire
