// The state of one call on its way through the pipeline; used by gateway/*.cpp only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "events/timeline.hpp"
#include "gateway/routing.hpp"
#include "gateway/service.hpp"

namespace paddock::gateway {

// "5F1B37AE9C0D2468": a UUID's digits in S3's form.
std::string request_id16(std::string_view uuid);

struct Call {
  Call(Platform& platform, MachineClock::Steady started) : context(platform), started(started) {}

  void fill_from(const http::RequestHead& request) {
    head = &request;
    context.scheme = request.scheme();
    context.authority = request.authority();
    context.source_ip = request.remote_address;
    context.user_agent = request.headers.get("user-agent");
    context.head = &request;
  }
  // In the form of the service, once that is known.
  void set_request_id() {
    Ids& ids = context.platform.ids;
    const wire::ErrorStyle* style = api ? &api->api().error_style : nullptr;
    context.request_id = style && style->request_id52   ? ids.request_id52()
                         : style && style->request_id16 ? request_id16(ids.request_uuid())
                                                        : ids.request_uuid();
  }

  RequestContext context;
  MachineClock::Steady started;
  const http::RequestHead* head = nullptr;  // nullptr: in-process
  bool pinned = false;                      // came in at the port of one service
  std::string host;
  std::string body;
  std::optional<identity::Signature> signature;
  const RoutedApi* api = nullptr;
  const RoutedOperation* operation = nullptr;
  std::map<std::string, std::string, std::less<>> labels;
  int status = 0;
  std::string error_code;
  // Of an answer that goes on after its beginning.
  std::optional<EventStream> events;
  std::optional<BodyStream> bytes;
};

// "2026-11-20T07:36:00.123Z dynamodb.PutItem 000000000000/us-east-1 200 134us - REQUESTID"
std::string access_line(const Call& call, int64_t now_ms, int64_t microseconds);
events::TimelineEvent timeline_event(const Call& call, WorldTime now, int64_t microseconds);

// "dynamodb.eu-west-1.amazonaws.com" -> "eu-west-1"; the default region for other hosts.
std::string region_of_host(std::string_view host);
// The Version parameter of an awsQuery call; "" if there is none.
std::string query_version(const http::RequestHead& head, std::string_view body);

}  // namespace paddock::gateway
