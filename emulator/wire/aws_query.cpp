// awsQuery (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html): a form with Action and
// dotted member names; XML back.
#include "wire/aws_query.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

#include "wire/answers.hpp"
#include "wire/json_document.hpp"
#include "wire/xml.hpp"

namespace paddock::wire {
namespace aws_query_detail {

// The form as a tree: "Tags.member.1.Key=a" is a leaf four levels down.
struct Node {
  std::optional<std::string> text;
  std::map<std::string, Node, std::less<>> children;

  const Node* child(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

[[noreturn]] void fail(std::string message) {
  throw AwsError("MalformedInput", std::move(message));
}

void add_fields(Node& root, std::string_view form) {
  std::vector<std::pair<std::string, std::string>> fields;
  try {
    fields = parse_form(form);
  } catch (const std::invalid_argument& error) {
    fail(error.what());
  }
  for (auto& [name, text] : fields) {
    Node* node = &root;
    std::string_view rest = name;
    for (size_t depth = 1; !rest.empty(); depth++) {
      if (depth > 2 * kMaxDepth) fail("The parameter name is nested too deeply");
      const size_t dot = rest.find('.');
      node = &node->children[std::string(rest.substr(0, dot))];
      rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
    }
    if (node->text) fail("The parameter " + name + " is given twice");
    node->text = std::move(text);
  }
}

// The entries of a list or map in the order of their numbers, which may have gaps.
std::vector<std::pair<uint32_t, const Node*>> numbered(const Node& node) {
  std::vector<std::pair<uint32_t, const Node*>> out;
  for (const auto& [name, child] : node.children) {
    uint32_t number = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || stop != end || name.empty()) {
      fail("Key must be a number: " + name);
    }
    out.emplace_back(number, &child);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

class Reader {
 public:
  explicit Reader(const JsonReadContext& context) : context_(context) {}

  Json structure(const Shape& shape, const Node& node, size_t depth) const {
    Json out = Json::object();
    for (const Member& member : shape.members) {
      if (auto value = member_value(member, node, depth)) {
        out[std::string(member.name)] = std::move(*value);
      }
    }
    return out;
  }

 private:
  std::optional<Json> member_value(const Member& member, const Node& parent, size_t depth) const {
    if (depth > kMaxDepth) fail("The input is nested too deeply");
    // A flattened list whose elements have a name of their own travels under that name.
    std::string_view name = member.wire_name;
    if (member.flattened && member.shape->type == Type::list) {
      const Member& element = *member.shape->element;
      if (element.wire_name != element.name) name = element.wire_name;
    }
    const Node* node = parent.child(name);
    if (node == nullptr) return std::nullopt;
    return value(*member.shape, member.flattened, *node, depth);
  }

  Json value(const Shape& shape, bool flattened, const Node& node, size_t depth) const {
    switch (shape.type) {
      case Type::structure:
        if (node.text && !node.text->empty()) fail("Unexpected complex element termination");
        return structure(shape, node, depth + 1);
      case Type::list:
        return list(shape, flattened, node, depth);
      case Type::map:
        return map(shape, flattened, node, depth);
      default:
        break;
    }
    if (!node.children.empty()) fail("Start of structure or map found where not expected.");
    try {
      return read_text(context_, shape, *node.text, TimestampFormat::iso8601);
    } catch (const AwsError& error) {
      fail(error.message());
    }
  }

  Json list(const Shape& shape, bool flattened, const Node& node, size_t depth) const {
    Json out = Json::array();
    if (node.text) {
      // "Tags=" is how clients send an empty list.
      if (!node.text->empty()) fail("Unexpected list element termination");
      return out;
    }
    const Node* entries = flattened ? &node : node.child(shape.element->wire_name);
    // Some clients leave the locationName out of requests and say "member".
    if (entries == nullptr) entries = node.child("member");
    if (entries == nullptr || (entries->text && !entries->text->empty())) {
      fail("Unexpected list element termination");
    }
    for (const auto& [number, entry] : numbered(*entries)) {
      out.push_back(value(*shape.element->shape, shape.element->flattened, *entry, depth + 1));
    }
    return out;
  }

  Json map(const Shape& shape, bool flattened, const Node& node, size_t depth) const {
    Json out = Json::object();
    if (node.text) {
      if (!node.text->empty()) fail("Unexpected map element termination");
      return out;
    }
    const Node* entries = flattened ? &node : node.child("entry");
    if (entries == nullptr || (entries->text && !entries->text->empty())) {
      fail("Unexpected map element termination");
    }
    for (const auto& [number, entry] : numbered(*entries)) {
      const Node* key = entry->child(shape.key->wire_name);
      if (key == nullptr || !key->text) fail("Unexpected map element termination");
      auto item = member_value(*shape.element, *entry, depth + 1);
      if (!item) continue;
      const auto [at, inserted] = out.get_ref<Json::object_t&>().try_emplace(*key->text);
      if (!inserted) fail("The key " + *key->text + " is given twice");
      at->second = std::move(*item);
    }
    return out;
  }

  const JsonReadContext& context_;
};

std::string open_answer(const ServiceModel& service, std::string_view name) {
  std::string out = "<" + std::string(name) + " xmlns=\"";
  append_xml_text(out, service.xml_namespace);
  return out + "\">";
}

http::Response xml_answer(int status, std::string body, std::string_view request_id) {
  http::Response response(status, "text/xml", std::move(body));
  set_request_id(response, request_id);
  return response;
}

}  // namespace aws_query_detail

Json AwsQuery::decode(const ServiceModel& service, const OperationModel& operation,
                      const WireRequest& request) const {
  aws_query_detail::Node root;
  aws_query_detail::add_fields(root, request.head.query);
  aws_query_detail::add_fields(root, request.body);
  if (operation.input == nullptr) return Json::object();
  const JsonReadContext context{service, Wording::java};
  Json input = aws_query_detail::Reader(context).structure(*operation.input, root, 1);
  // The queue of a call to SQS: what the form does not say, the path of the request does.
  const std::string& path = request.head.path;
  for (const Member& member : operation.input->members) {
    const bool absent = member.location == Location::uri && !input.contains(member.name);
    if (absent && path != "/") input[std::string(member.name)] = path;
  }
  return input;
}

http::Response AwsQuery::encode(const ServiceModel& service, const OperationModel& operation,
                                const Json& output, std::string_view request_id) const {
  const std::string name = std::string(operation.name) + "Response";
  std::string out = aws_query_detail::open_answer(service, name);
  if (operation.output != nullptr && !output.is_null()) {
    const std::string wrapper(operation.result_wrapper);
    if (!wrapper.empty()) out += "<" + wrapper + ">";
    write_xml_members(*operation.output, output, out);
    if (!wrapper.empty()) out += "</" + wrapper + ">";
  }
  out += "<ResponseMetadata>";
  append_xml_element(out, "RequestId", request_id);
  out += "</ResponseMetadata></" + name + ">";
  return aws_query_detail::xml_answer(200, std::move(out), request_id);
}

http::Response AwsQuery::encode_text(const ServiceModel&, const OperationModel&, std::string text,
                                     std::string_view request_id) const {
  return aws_query_detail::xml_answer(200, std::move(text), request_id);
}

http::Response AwsQuery::encode_error(const ServiceModel& service, const AwsError& error,
                                      const ErrorStyle&, std::string_view request_id) const {
  const Shape* shape = error_shape(service, error.code());
  std::string out = aws_query_detail::open_answer(service, "ErrorResponse");
  out += "<Error>";
  append_xml_element(out, "Type", error.status() >= 500 ? "Receiver" : "Sender");
  append_xml_element(out, "Code", query_code(shape, error));
  append_xml_element(out, "Message", error.message());
  if (shape != nullptr && error.extra().is_object()) write_xml_members(*shape, error.extra(), out);
  // So does SQS, the one service of both protocols.
  if (!service.target_prefix.empty()) out += "<Detail/>";
  out += "</Error>";
  append_xml_element(out, "RequestId", request_id);
  out += "</ErrorResponse>";
  return aws_query_detail::xml_answer(error.status(), std::move(out), request_id);
}

}  // namespace paddock::wire
