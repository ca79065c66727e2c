// The life of a request: the pipeline of DESIGN 2, for calls on the wire and in-process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/caller.hpp"
#include "gateway/hosts.hpp"
#include "gateway/routing.hpp"
#include "gateway/service.hpp"
#include "gateway/service_caller.hpp"
#include "http/exchange.hpp"

namespace paddock::gateway {

// One call on its way through the pipeline.
struct Call;

// Thread-safe once attached.
class Gateway : public Caller, public ServiceCaller {
 public:
  explicit Gateway(HostRules hosts);
  ~Gateway() override;

  // Second half of construction: the services need the gateway as their Caller. Once, before any
  // call. Throws std::logic_error for a faulty operation table.
  void attach(Platform& platform, std::vector<std::unique_ptr<Service>> services);
  // What arrives at this local port reaches that service alone, in the default account and region
  // whatever access key and region it is signed with, as DynamoDB Local's -sharedDb has it. Before
  // any call.
  void pin(uint16_t port, std::string service);
  // The door of /_paddock, /_localstack and the like: asked before every other one.
  void set_control(Endpoint control) { control_ = std::move(control); }

  // Starts and stops the services' background work.
  void start_services();
  void stop_services();

  // One request from the wire.
  Task<void> handle(http::Exchange& exchange);

  Task<Json> call(CallIdentity identity, std::string service, std::string operation,
                  Json input) override;
  Json call_and_wait(CallIdentity identity, std::string service, std::string operation,
                     Json input) override;
  Task<http::Response> send(CallIdentity identity, ServiceRequest request) override;

  const std::vector<std::unique_ptr<Service>>& services() const { return services_; }
  const Router& router() const { return *router_; }
  const HostRules& hosts() const { return hosts_; }

 private:
  Task<http::Response> answer(http::Exchange& exchange, Call& call);
  Task<void> stream(http::Exchange& exchange, Call& call, http::Response beginning) const;
  Task<void> stream_bytes(http::Exchange& exchange, Call& call, http::Response beginning) const;
  size_t route_head(const http::RequestHead& head, Call& call) const;
  bool route_stream(http::Exchange& exchange, Call& call) const;
  void route_body(const http::RequestHead& head, Call& call) const;
  const Endpoint* endpoint_of(std::string_view host, const http::RequestHead& head) const;
  bool is_given_to_service(std::string_view host) const;
  std::optional<http::Headers> cors_of_resource(const http::RequestHead& head,
                                                std::string_view host) const;
  void identify(Call& call, const http::RequestHead& head, std::string_view body) const;
  void prepare(Call& call) const;
  Json decode(const Call& call) const;
  Json checked(const Call& call, Json input);
  std::optional<Output> invoke_raw(Call& call) const;
  Task<Output> invoke(Call& call, const std::function<Json()>& input);
  Task<void> hold(uint64_t commit);
  http::Response encode(Call& call, Output output) const;
  http::Response encode_error(Call& call, std::exception_ptr error) const;
  void record(Call& call) const;

  // Who calls from within, and that it runs.
  void begin_for(Call& call, const CallIdentity& identity) const;
  Call begin_internal(const CallIdentity& identity, const std::string& service,
                      const std::string& operation) const;
  Json to_document(const Call& call, Output output) const;
  Task<void> gather(Call& call, http::Response& response) const;
  Task<Json> collected(const Call& call, Output output) const;

  HostRules hosts_;
  Platform* platform_ = nullptr;
  std::vector<std::unique_ptr<Service>> services_;
  std::unique_ptr<Router> router_;
  Endpoint control_;
  uint16_t pinned_port_ = 0;
  std::string pinned_service_;
  wire::Patterns patterns_;
  size_t request_label_ = 0;
};

}  // namespace paddock::gateway
