// What SNS keeps, and its pure rules: names, ARNs, numbers. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::services::sns {

struct Topic {
  std::string name;
  std::string id;  // of this incarnation: a topic made again has none of the former's subscriptions
  bool fifo = false;
  Json attributes = Json::object();  // as set: name -> text; neither Policy nor FifoTopic
  Json tags = Json::object();        // key -> value
  std::string policy;                // "" for the default one
  std::string data_protection;
  uint64_t deleted = 0;  // subscriptions that were deleted
  WorldTime created;

  // The attribute as set, or `fallback`.
  std::string attribute(const char* name, std::string_view fallback = {}) const;
};

struct Subscription {
  std::string topic;     // its name
  std::string topic_id;  // its incarnation
  std::string id;        // UUID
  std::string protocol;
  std::string endpoint;
  std::string owner;                 // account
  std::string principal;             // who subscribed
  Json attributes = Json::object();  // as set: name -> text
  bool pending = false;
  bool authenticated = false;
  std::string token;  // of the last confirmation asked for; "" if none
  WorldTime created;

  bool raw() const { return attributes.value("RawMessageDelivery", "") == "true"; }
  std::string attribute(const char* name) const { return attributes.value(name, std::string()); }
};

struct PlatformApplication {
  std::string platform, name;
  Json attributes = Json::object();
  WorldTime created;
};

struct PlatformEndpoint {
  std::string platform, application, id;
  Json attributes = Json::object();  // Token, Enabled, CustomUserData
};

// "arn:aws:sns:REGION:ACCOUNT:NAME"; of a subscription with ":ID" behind it.
std::string topic_arn(std::string_view region, std::string_view account, std::string_view topic);
std::string subscription_arn(std::string_view region, std::string_view account,
                             const Subscription& subscription);

// The ARN in a parameter of that name. Throws InvalidParameter when it has fewer than six elements.
Arn parse_arn(const std::string& text, const std::string& parameter);

bool valid_topic_name(std::string_view name, bool fifo);
// A phone number to which a message may be published: E.164.
bool valid_phone_number(std::string_view text);
// What a subscription takes for a phone number: separators may stand between digits.
bool valid_sms_endpoint(std::string_view text);

// "endpoint/GCM/app/ID"; nullopt for another resource.
struct EndpointName {
  std::string platform, application, id;
};
std::optional<EndpointName> split_endpoint(std::string_view resource);

// A number of a FIFO topic's sequence in the form that SNS shows: 20 digits.
std::string sequence_text(uint64_t number);

// A confirmation token: 288 hexadecimal digits that hold the region.
std::string make_token(std::string_view region, const std::vector<std::string>& random_hex);
// nullopt for a text that cannot be one.
std::optional<std::string> region_of_token(std::string_view token);

// The policy that a topic has when none was set.
std::string default_policy(const std::string& topic_arn, const std::string& account);

}  // namespace paddock::services::sns
