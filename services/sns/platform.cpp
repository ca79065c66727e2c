// Mobile push as records: platform applications and their endpoints. What is published to an
// endpoint lands in the local mailbox.
// https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-application-as-subscriber.html
#include <algorithm>
#include <array>

#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace mobile {

constexpr std::array<std::string_view, 11> kPlatforms{
    "ADM", "APNS",      "APNS_SANDBOX",      "GCM",   "BAIDU",        "MPNS",
    "WNS", "APNS_VOIP", "APNS_VOIP_SANDBOX", "MACOS", "MACOS_SANDBOX"};

// "app/GCM/name".
struct ApplicationName {
  std::string platform, name;
};

template <size_t N>
std::vector<std::string> parts_of(const std::string& arn, const std::string& parameter,
                                  const char* kind) {
  const std::string resource = parse_arn(arn, parameter).resource;
  std::vector<std::string> parts;
  size_t start = 0;
  while (true) {
    const size_t slash = resource.find('/', start);
    parts.push_back(resource.substr(start, slash - start));
    if (slash == std::string::npos) break;
    start = slash + 1;
  }
  if (parts.size() != N || parts[0] != kind) {
    throw errors::invalid(parameter +
                          " Reason: Wrong number of slashes in relative portion of the ARN.");
  }
  return parts;
}

ApplicationName application_of(const std::string& arn) {
  const auto parts = parts_of<3>(arn, m::PlatformApplicationArn, "app");
  return {parts[1], parts[2]};
}

EndpointName endpoint_of(const std::string& arn) {
  const auto parts = parts_of<4>(arn, m::EndpointArn, "endpoint");
  EndpointName name;
  name.platform = parts[1];
  name.application = parts[2];
  name.id = parts[3];
  return name;
}

std::string application_arn(const gateway::RequestContext& context,
                            const PlatformApplication& application) {
  return context.arn("app/" + application.platform + "/" + application.name);
}

std::string endpoint_arn(const gateway::RequestContext& context, const PlatformEndpoint& endpoint) {
  return context.arn("endpoint/" + endpoint.platform + "/" + endpoint.application + "/" +
                     endpoint.id);
}

void check_name(const std::string& name) {
  const std::string start = name + " Reason: ";
  if (name.empty()) throw errors::invalid(start + "cannot be empty");
  if (name.size() > limits::kMostPlatformName) {
    throw errors::invalid(start + "must be at most 256 characters long");
  }
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (!plain) {
    throw errors::invalid(
        start + "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'");
  }
}

void check_application_attributes(const Json& attributes) {
  const bool has_credential = attributes.contains("PlatformCredential");
  const bool has_principal = attributes.contains("PlatformPrincipal");
  if (has_credential && !has_principal) {
    throw errors::invalid(
        "Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal");
  }
  if (has_principal && !has_credential) {
    throw errors::invalid(
        "Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential");
  }
  constexpr std::array<std::string_view, 14> kKnown{"PlatformCredential",
                                                    "PlatformPrincipal",
                                                    "EventEndpointCreated",
                                                    "EventEndpointDeleted",
                                                    "EventEndpointUpdated",
                                                    "EventDeliveryFailure",
                                                    "SuccessFeedbackRoleArn",
                                                    "FailureFeedbackRoleArn",
                                                    "SuccessFeedbackSampleRate",
                                                    "ApplePlatformTeamID",
                                                    "ApplePlatformBundleID",
                                                    "AuthenticationMethod",
                                                    "AppleCertificateExpirationDate",
                                                    "Enabled"};
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    if (std::find(kKnown.begin(), kKnown.end(), attribute.key()) == kKnown.end()) {
      throw errors::invalid("Attributes Reason: Invalid attribute name: " + attribute.key());
    }
  }
}

void check_endpoint_attributes(const Json& attributes) {
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    const std::string& name = attribute.key();
    if (name != "CustomUserData" && name != "Enabled" && name != "Token") {
      throw errors::invalid("Attributes Reason: Invalid attribute name: " + name);
    }
    if (name == "CustomUserData" &&
        attribute->get_ref<const std::string&>().size() > limits::kMostUserData) {
      throw errors::invalid(
          "Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 "
          "bytes long in UTF-8 encoding");
    }
  }
}

// Secrets are never shown.
Json shown(const PlatformApplication& application) {
  Json attributes = application.attributes;
  attributes.erase("PlatformCredential");
  attributes.erase("PlatformPrincipal");
  return attributes;
}

}  // namespace mobile

Sns::Operations Sns::platform_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  constexpr Fidelity kMailbox = Fidelity::partial("messages go to the local mailbox");
  return {
      {"CreatePlatformApplication", plain(this, &Sns::create_platform_application), Access::write,
       kMailbox, "sns:CreatePlatformApplication", nullptr, ""},
      {"DeletePlatformApplication", plain(this, &Sns::delete_platform_application), Access::write,
       Fidelity::full(), "sns:DeletePlatformApplication", arn_resource, ""},
      {"ListPlatformApplications", plain(this, &Sns::list_platform_applications), Access::read,
       Fidelity::full(), "sns:ListPlatformApplications", nullptr, ""},
      {"GetPlatformApplicationAttributes", plain(this, &Sns::get_platform_application_attributes),
       Access::read, Fidelity::full(), "sns:GetPlatformApplicationAttributes", arn_resource, ""},
      {"SetPlatformApplicationAttributes", plain(this, &Sns::set_platform_application_attributes),
       Access::write, kMailbox, "sns:SetPlatformApplicationAttributes", arn_resource, ""},
      {"CreatePlatformEndpoint", plain(this, &Sns::create_platform_endpoint), Access::write,
       kMailbox, "sns:CreatePlatformEndpoint", arn_resource, ""},
      {"DeleteEndpoint", plain(this, &Sns::delete_endpoint), Access::write, Fidelity::full(),
       "sns:DeleteEndpoint", arn_resource, ""},
      {"ListEndpointsByPlatformApplication", plain(this, &Sns::list_endpoints), Access::read,
       Fidelity::full(), "sns:ListEndpointsByPlatformApplication", arn_resource, ""},
      {"GetEndpointAttributes", plain(this, &Sns::get_endpoint_attributes), Access::read,
       Fidelity::full(), "sns:GetEndpointAttributes", arn_resource, ""},
      {"SetEndpointAttributes", plain(this, &Sns::set_endpoint_attributes), Access::write,
       Fidelity::full(), "sns:SetEndpointAttributes", arn_resource, ""},
  };
}

PlatformApplication Sns::existing_application(const Context& context,
                                              const std::string& arn) const {
  const auto name = mobile::application_of(arn);
  auto found = store_.application(context.realm->id, name.platform, name.name);
  if (!found) throw errors::application_not_found();
  return *std::move(found);
}

PlatformEndpoint Sns::existing_endpoint(const Context& context, const std::string& arn) const {
  const EndpointName name = mobile::endpoint_of(arn);
  auto found = store_.endpoint(context.realm->id, name.platform, name.application, name.id);
  if (!found) throw errors::endpoint_not_found();
  return *std::move(found);
}

Sns::Output Sns::create_platform_application(Context& context, Json input) {
  PlatformApplication application;
  application.name = text_of(input, m::Name);
  application.platform = text_of(input, m::Platform);
  mobile::check_name(application.name);
  if (std::find(mobile::kPlatforms.begin(), mobile::kPlatforms.end(), application.platform) ==
      mobile::kPlatforms.end()) {
    throw errors::invalid("Platform Reason: " + application.platform + " is not supported");
  }
  const Json attributes = input.value(m::Attributes, Json::object());
  mobile::check_application_attributes(attributes);
  application.attributes = attributes;
  application.attributes["Enabled"] = "true";
  application.created = platform_.world.now();
  const RealmId realm = context.realm->id;
  const auto guard =
      platform_.locks.lock(Store::application_lock(realm, application.platform, application.name));
  storage::Batch batch;
  store_.put_application(realm, application, batch);
  context.commit(batch);
  return Json{{m::PlatformApplicationArn, mobile::application_arn(context, application)}};
}

Sns::Output Sns::delete_platform_application(Context& context, Json input) {
  const auto name = mobile::application_of(text_of(input, m::PlatformApplicationArn));
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::application_lock(realm, name.platform, name.name));
  storage::Batch batch;
  store_.erase_application(realm, name.platform, name.name, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::list_platform_applications(Context& context, Json input) {
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  Json found = Json::array();
  Json output = Json::object();
  PlatformApplication last;
  store_.applications(context.realm->id, after, [&](PlatformApplication application) {
    if (found.size() == limits::kPage) {
      output[m::NextToken] = page_token(last.platform, last.name);
      return false;
    }
    found.push_back({{m::PlatformApplicationArn, mobile::application_arn(context, application)},
                     {m::Attributes, mobile::shown(application)}});
    last = std::move(application);
    return true;
  });
  output[m::PlatformApplications] = std::move(found);
  return output;
}

Sns::Output Sns::get_platform_application_attributes(Context& context, Json input) {
  const auto found = existing_application(context, text_of(input, m::PlatformApplicationArn));
  return Json{{m::Attributes, mobile::shown(found)}};
}

Sns::Output Sns::set_platform_application_attributes(Context& context, Json input) {
  const std::string arn = text_of(input, m::PlatformApplicationArn);
  const auto name = mobile::application_of(arn);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::application_lock(realm, name.platform, name.name));
  PlatformApplication application = existing_application(context, arn);
  const Json attributes = input.value(m::Attributes, Json::object());
  mobile::check_application_attributes(attributes);
  application.attributes.update(attributes);
  storage::Batch batch;
  store_.put_application(realm, application, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::create_platform_endpoint(Context& context, Json input) {
  const std::string arn = text_of(input, m::PlatformApplicationArn);
  const auto application = mobile::application_of(arn);
  Json attributes = input.value(m::Attributes, Json::object());
  mobile::check_endpoint_attributes(attributes);
  if (input.contains(m::CustomUserData) && !attributes.contains("CustomUserData")) {
    attributes["CustomUserData"] = input[m::CustomUserData];
  }
  mobile::check_endpoint_attributes(attributes);
  attributes["Token"] = text_of(input, m::Token);
  if (!attributes.contains("Enabled")) attributes["Enabled"] = "true";
  const RealmId realm = context.realm->id;
  const auto guard =
      platform_.locks.lock(Store::application_lock(realm, application.platform, application.name));
  existing_application(context, arn);
  std::optional<PlatformEndpoint> present;
  store_.endpoints(realm, application.platform, application.name, "", [&](PlatformEndpoint other) {
    if (other.attributes["Token"] != attributes["Token"]) return true;
    present = std::move(other);
    return false;
  });
  if (present) {
    const std::string known = mobile::endpoint_arn(context, *present);
    if (present->attributes != attributes) {
      throw errors::invalid("Token Reason: Endpoint " + known +
                            " already exists with the same Token, but different attributes.");
    }
    return Json{{m::EndpointArn, known}};
  }
  PlatformEndpoint endpoint;
  endpoint.platform = application.platform;
  endpoint.application = application.name;
  endpoint.id = platform_.ids.uuid(realm, "sns-endpoint");
  endpoint.attributes = std::move(attributes);
  storage::Batch batch;
  store_.put_endpoint(realm, endpoint, batch);
  context.commit(batch);
  return Json{{m::EndpointArn, mobile::endpoint_arn(context, endpoint)}};
}

Sns::Output Sns::delete_endpoint(Context& context, Json input) {
  const EndpointName name = mobile::endpoint_of(text_of(input, m::EndpointArn));
  storage::Batch batch;
  store_.erase_endpoint(context.realm->id, name.platform, name.application, name.id, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::list_endpoints(Context& context, Json input) {
  const auto application = existing_application(context, text_of(input, m::PlatformApplicationArn));
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  Json found = Json::array();
  Json output = Json::object();
  std::string last;
  store_.endpoints(context.realm->id, application.platform, application.name, after.first,
                   [&](const PlatformEndpoint& endpoint) {
                     if (found.size() == limits::kPage) {
                       output[m::NextToken] = page_token(last, "");
                       return false;
                     }
                     last = endpoint.id;
                     found.push_back({{m::EndpointArn, mobile::endpoint_arn(context, endpoint)},
                                      {m::Attributes, endpoint.attributes}});
                     return true;
                   });
  output[m::Endpoints] = std::move(found);
  return output;
}

Sns::Output Sns::get_endpoint_attributes(Context& context, Json input) {
  return Json{
      {m::Attributes, existing_endpoint(context, text_of(input, m::EndpointArn)).attributes}};
}

Sns::Output Sns::set_endpoint_attributes(Context& context, Json input) {
  const std::string arn = text_of(input, m::EndpointArn);
  const EndpointName name = mobile::endpoint_of(arn);
  const RealmId realm = context.realm->id;
  const auto guard =
      platform_.locks.lock(Store::application_lock(realm, name.platform, name.application));
  PlatformEndpoint endpoint = existing_endpoint(context, arn);
  const Json attributes = input.value(m::Attributes, Json::object());
  mobile::check_endpoint_attributes(attributes);
  endpoint.attributes.update(attributes);
  storage::Batch batch;
  store_.put_endpoint(realm, endpoint, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::sns
