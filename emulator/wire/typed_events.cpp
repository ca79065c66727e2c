#include "wire/typed_events.hpp"

#include <stdexcept>

#include "wire/answers.hpp"
#include "wire/event_stream.hpp"
#include "wire/json_document.hpp"

namespace paddock::wire {
namespace typed_events {

// The type of payloads that are documents.
std::string_view document_type(const ServiceModel& service) {
  switch (service.protocol) {
    case Protocol::aws_json_1_0:
      return "application/x-amz-json-1.0";
    case Protocol::aws_json_1_1:
      return "application/x-amz-json-1.1";
    case Protocol::rest_json:
      return "application/json";
    default:
      throw std::logic_error("event streams of this protocol are not built");
  }
}

const Shape& union_of(const OperationModel& operation) {
  const Member* stream = event_stream_member(operation);
  if (stream == nullptr) {
    throw std::logic_error(std::string(operation.name) + " answers with no event stream");
  }
  return *stream->shape;
}

EventMessage message(std::string_view type, std::string_view type_header, std::string_view name,
                     std::string_view content_type) {
  EventMessage message;
  message.headers.push_back({std::string(type_header), std::string(name)});
  if (!content_type.empty()) {
    message.headers.push_back({":content-type", std::string(content_type)});
  }
  message.headers.push_back({":message-type", std::string(type)});
  return message;
}

EventHeaderValue header_value(const Shape& shape, const Json& value) {
  switch (shape.type) {
    case Type::boolean:
      return value.get<bool>();
    case Type::byte:
      return value.get<int8_t>();
    case Type::short_:
      return value.get<int16_t>();
    case Type::integer:
      return value.get<int32_t>();
    case Type::long_:
      return value.get<int64_t>();
    case Type::timestamp:
      return EventTime{value.get<int64_t>()};
    case Type::blob: {
      const auto& bytes = value.get_binary();
      return EventBytes{std::string(bytes.begin(), bytes.end())};
    }
    default:
      return value.get<std::string>();
  }
}

const Member* payload_of(const Shape& event) {
  for (const Member& member : event.members) {
    if (member.location == Location::event_payload) return &member;
  }
  return nullptr;
}

// The event's members in their places; the type of its payload, "" if it has none.
std::string_view fill(const ServiceModel& service, const Shape& event, const Json& document,
                      EventMessage& message) {
  bool has_body = event.members.empty();
  for (const Member& member : event.members) {
    const auto found = document.find(member.name);
    if (member.location == Location::body) has_body = true;
    if (member.location != Location::event_header || found == document.end()) continue;
    message.headers.push_back({std::string(member.wire_name), header_value(*member.shape, *found)});
  }
  const Member* payload = payload_of(event);
  if (payload == nullptr) {
    if (!has_body) return {};
    write_json(event, document, message.payload);
    return document_type(service);
  }
  const auto found = document.find(payload->name);
  const bool present = found != document.end() && !found->is_null();
  if (payload->shape->type == Type::blob) {
    if (present) message.payload.assign(found->get_binary().begin(), found->get_binary().end());
    return "application/octet-stream";
  }
  if (payload->shape->type == Type::string) {
    if (present) message.payload = found->get<std::string>();
    return "text/plain";
  }
  if (present) write_json(*payload->shape, *found, message.payload);
  return document_type(service);
}

// A failure's name is its shape's or, as AWS names members, that of the union's member.
const Member* exception_member(const Shape& events, std::string_view code) {
  for (const Member& member : events.members) {
    if (!member.shape->error) continue;
    if (member.shape->name == code || member.name == code || member.shape->error_code == code) {
      return &member;
    }
  }
  return nullptr;
}

}  // namespace typed_events

const Member* event_stream_member(const OperationModel& operation) {
  if (operation.output == nullptr) return nullptr;
  for (const Member& member : operation.output->members) {
    if (member.shape->event_stream) return &member;
  }
  return nullptr;
}

std::string encode_typed_event(const ServiceModel& service, const OperationModel& operation,
                               std::string_view event, const Json& document) {
  const Member* member = typed_events::union_of(operation).find(event);
  if (member == nullptr || member->shape->error) {
    throw std::logic_error(std::string(operation.name) + " has no event " + std::string(event));
  }
  EventMessage content;
  const std::string_view type = typed_events::fill(service, *member->shape, document, content);
  EventMessage message = typed_events::message("event", ":event-type", event, type);
  for (EventHeader& header : content.headers) message.headers.push_back(std::move(header));
  message.payload = std::move(content.payload);
  return encode_event(message);
}

std::string encode_initial_response(const ServiceModel& service, const OperationModel& operation,
                                    const Json& head) {
  EventMessage message = typed_events::message("event", ":event-type", "initial-response",
                                               typed_events::document_type(service));
  write_json(*operation.output, or_empty_object(head), message.payload);
  return encode_event(message);
}

std::string encode_failure(const ServiceModel& service, const OperationModel& operation,
                           const AwsError& error, const ErrorStyle& style) {
  const Member* member =
      typed_events::exception_member(typed_events::union_of(operation), error.code());
  EventMessage message;
  if (member == nullptr) {
    message.headers.push_back({":error-code", error.code()});
    message.headers.push_back({":error-message", error.message().substr(0, kMostEventHeaderValue)});
    message.headers.push_back({":message-type", std::string("error")});
    return encode_event(message);
  }
  message = typed_events::message("exception", ":exception-type", member->name,
                                  typed_events::document_type(service));
  message.payload = json_error_body(member->shape, error, style, false);
  return encode_event(message);
}

}  // namespace paddock::wire
