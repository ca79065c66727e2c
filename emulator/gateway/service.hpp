// What a service is to the gateway: its models, its operation table, its HTTP endpoints.
//
// A service is a class derived from Service in services/<name>/service.{hpp,cpp}. It knows nothing
// of wire protocols: handlers take and return documents.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/task.hpp"
#include "gateway/context.hpp"
#include "http/exchange.hpp"
#include "wire/codec.hpp"
#include "wire/model.hpp"
#include "wire/validate.hpp"

namespace paddock::gateway {

// Takes the events of an answer that is an event stream. On the connection's thread.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // Sends one event: the name of a member of the operation's event stream, and a document of that
  // member's shape. Returns when it is out (back-pressure); throws http::ConnectionError when the
  // client has gone.
  virtual Task<void> send(std::string event, Json document) = 0;
};

// An answer that goes on after its beginning (wire/typed_events.hpp).
struct EventStream {
  EventStream(Json head, std::function<Task<void>(EventWriter&)> run)
      : head(std::move(head)), run(std::move(run)) {}

  Json head;  // a document of the output without the stream
  // Sends the events; runs once the beginning is out, and its end ends the answer. What it throws
  // becomes the stream's last message: an AwsError the exception of that code, if the model's
  // stream has one. It is kept until it ends, so a capturing coroutine is safe here. The call's
  // context lives as long: while it waits it releases context.activity, and it ends when
  // context.cancelled fires.
  std::function<Task<void>(EventWriter&)> run;
};

// Takes the pieces of an answer whose body is a stream of bytes. On the connection's thread.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Returns when the piece is out (back-pressure); throws http::ConnectionError when the client has
  // gone.
  virtual Task<void> write(std::string piece) = 0;
};

// An answer whose payload is bytes beside the document.
struct BodyStream {
  explicit BodyStream(Json head) : head(std::move(head)) {}

  Json head;          // a document of the output without the payload
  std::string bytes;  // the whole body, if there is no `run`
  // Else sends the body, which is as long as the Content-Length in `head` says; what it throws cuts
  // the connection. It is kept until it ends, so a capturing coroutine is safe here.
  std::function<Task<void>(BodyWriter&)> run;
};

// What a handler returns: a document of the operation's output shape, the body's text already
// encoded in the protocol's format (JSON protocols only), a stream of events (on the wire only: a
// call in-process is answered 501), or a document with a stream of bytes.
class Output {
 public:
  Output() : value_(Json::object()) {}
  Output(Json document) : value_(std::move(document)) {}     // NOLINT: handlers return documents
  Output(EventStream events) : value_(std::move(events)) {}  // NOLINT: or streams
  Output(BodyStream body) : value_(std::move(body)) {}       // NOLINT
  static Output text(std::string encoded) {
    Output output;
    output.value_ = std::move(encoded);
    return output;
  }

  bool is_text() const { return std::holds_alternative<std::string>(value_); }
  Json& document() { return std::get<Json>(value_); }
  std::string& text() { return std::get<std::string>(value_); }
  bool is_events() const { return std::holds_alternative<EventStream>(value_); }
  EventStream& events() { return std::get<EventStream>(value_); }
  bool is_body() const { return std::holds_alternative<BodyStream>(value_); }
  BodyStream& body() { return std::get<BodyStream>(value_); }

  // What the model has no member for: another status than the operation's (0: that one), and
  // further headers.
  int status = 0;
  http::Headers headers;

 private:
  std::variant<Json, std::string, EventStream, BodyStream> value_;
};

// The three kinds of handler (DESIGN 3).
using PlainHandler = std::function<Output(RequestContext&, Json)>;
struct SlowHandler {
  std::function<Output(RequestContext&, Json)> run;
};
using WaitingHandler = std::function<Task<Output>(RequestContext&, Json)>;
using HandlerVariant = std::variant<PlainHandler, SlowHandler, WaitingHandler>;

// The raw kind, beside one of the three: the call's input as JSON text, not looked at yet. It
// either serves the call, as the handler would, or returns nullopt before anything is written; then
// the call goes the ordinary way through decoding, validation and the handler. So it takes the
// common and well-formed requests of hot operations alone, and every error of input has one place.
// Runs on the I/O thread, for calls on the wire of JSON protocols.
using RawHandler = std::function<std::optional<Output>(RequestContext&, std::string_view)>;

// How far an operation is emulated. Shown by /_paddock/coverage and x-paddock-fidelity.
struct Fidelity {
  enum class Level { full, partial, none } level = Level::full;
  std::string_view reason;  // for partial: what is missing

  static constexpr Fidelity full() { return {}; }
  static constexpr Fidelity partial(std::string_view why) { return {Level::partial, why}; }
};

enum class Access { read, write };  // a write makes the realm if it is not there yet

// The ARNs an operation touches, for IAM and the timeline.
using ResourceArns = std::vector<std::string> (*)(const RequestContext&, const Json& input);

// One row of a service's table. Every operation the service has is one row; an operation that the
// model has and the table lacks answers 501.
struct Operation {
  std::string_view name;
  HandlerVariant handler;
  Access access = Access::read;
  Fidelity fidelity = Fidelity::full();
  std::string_view action;            // IAM action: "dynamodb:PutItem"
  ResourceArns resources = nullptr;   // nullptr: "*"
  std::string_view metric_dimension;  // input member whose value is a metric dimension: "TableName"
  RawHandler raw = nullptr;
};

// Makes a row's handler from a member function: `handler(this, &DynamoDb::put_item)`.
template <class S>
PlainHandler plain(S* self, Output (S::*method)(RequestContext&, Json)) {
  return [self, method](RequestContext& context, Json input) {
    return (self->*method)(context, std::move(input));
  };
}
template <class S>
SlowHandler slow(S* self, Output (S::*method)(RequestContext&, Json)) {
  return {plain(self, method)};
}
template <class S>
WaitingHandler waiting(S* self, Task<Output> (S::*method)(RequestContext&, Json)) {
  return [self, method](RequestContext& context, Json input) {
    return (self->*method)(context, std::move(input));
  };
}
template <class S>
RawHandler raw(S* self, std::optional<Output> (S::*method)(RequestContext&, std::string_view)) {
  return [self, method](RequestContext& context, std::string_view text) {
    return (self->*method)(context, text);
  };
}

// Where a request of an API with addresses of its own goes: an operation of the model, and the
// values of the labels of its uri.
struct Address {
  std::string_view operation;
  std::map<std::string, std::string, std::less<>> labels;
};

// How an API finds its requests where the model's paths do not tell (S3). All three are pure and
// thread-safe.
struct Addressing {
  // The operation. Throws AwsError for what the API does not know: never a default.
  std::function<Address(const http::RequestHead& head)> find;
  // For unsigned requests: true if the host is the API's alone; and, asked after every other API,
  // if the path is.
  std::function<bool(std::string_view host)> owns_host;
  std::function<bool(const http::RequestHead& head)> owns_path;
};

// One API of a service: most services have one, DynamoDB has two (itself and its streams).
struct Api {
  const wire::ServiceModel* model;
  std::vector<Operation> operations;
  wire::ErrorStyle error_style;
  // The error for inputs that break the model, in the service's words.
  AwsError (*invalid)(const wire::OperationModel& operation,
                      const std::vector<wire::Violation>& violations) = nullptr;
  wire::ValidateOptions validate_options;
  // AwsError codes that several layers raise, in this service's words: body too large, throttled.
  std::string_view throttling_code = "ThrottlingException";
  size_t body_limit = 16 * 1024 * 1024;
  bool global = false;    // one realm for all regions (IAM)
  Addressing addressing;  // empty: by the model
  // Where resources have CORS rules of their own (S3's buckets): what they add to the answer to a
  // request with an Origin, which is then checked by nobody else; nullopt: as of all services.
  // Empty: there are no such resources. Any thread.
  std::function<std::optional<http::Headers>(const http::RequestHead& head)> cors;
  bool anonymous = false;  // the service itself judges unsigned calls
};

// A door beside the operations: execute-api, function URLs, websites (DESIGN 3). It does its own
// CORS and errors.
struct Endpoint {
  std::string_view name;
  // True if this request is the endpoint's. `host` is in lower case, without its port.
  std::function<bool(std::string_view host, const http::RequestHead& head)> matches;
  std::function<Task<void>(http::Exchange&, RequestContext&)> handle;
  // True if a host name that is not the emulator's own was given to the service (a custom domain
  // name). All requests to such a name are the endpoint's.
  std::function<bool(std::string_view host)> owns_host;
};

class Service {
 public:
  virtual ~Service() = default;

  virtual std::string_view name() const = 0;  // the folder's name
  const std::vector<Api>& apis() const { return apis_; }
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

  // ARNs of what the service keeps in a realm, for people (the page at /); any thread.
  virtual std::vector<std::string> resources(const Realm& realm) const;

  // Switches that people turn while it runs, shown and set by /_paddock/settings; not durable.
  // `change_settings` checks every member of `changes` (an object) before it applies any, and
  // throws std::invalid_argument with a sentence that names what is wrong. Any thread.
  virtual Json settings() const { return Json::object(); }
  virtual void change_settings(const Json& changes);

  // Background work (pollers) begins and ends here. Called once each, on the main thread.
  virtual void start() {}
  virtual void stop() {}

 protected:
  // Filled by the derived constructor, then never changed.
  std::vector<Api> apis_;
  std::vector<Endpoint> endpoints_;
};

inline void Service::change_settings(const Json&) {
  throw std::invalid_argument("The service has no settings.");
}

inline std::vector<std::string> Service::resources(const Realm&) const {
  return {};
}

// How services/all.cpp lists a service.
using ServiceFactory = std::unique_ptr<Service> (*)(Platform&);

}  // namespace paddock::gateway
