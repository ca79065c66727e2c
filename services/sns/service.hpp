// SNS: topics, subscriptions, messages to them; mobile endpoints and SMS as records with a local
// mailbox.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/mailbox.hpp"
#include "gateway/service.hpp"
#include "services/sns/deliveries.hpp"
#include "services/sns/directory.hpp"
#include "services/sns/model.hpp"
#include "services/sns/signer.hpp"
#include "services/sns/store.hpp"

namespace paddock::services::sns {

class Sns : public gateway::Service {
 public:
  explicit Sns(gateway::Platform& platform);

  std::string_view name() const override { return "sns"; }
  std::vector<std::string> resources(const Realm& realm) const override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;
  using Operations = std::vector<gateway::Operation>;

  // A topic that a parameter names: where it is, and its name.
  struct Named {
    std::shared_ptr<const Realm> realm;
    std::string name, arn;
  };

  // topics.cpp
  Operations topic_operations();
  Output create_topic(Context& context, Json input);
  Output delete_topic(Context& context, Json input);
  Output list_topics(Context& context, Json input);
  Output get_topic_attributes(Context& context, Json input);
  Output set_topic_attributes(Context& context, Json input);
  Output get_data_protection_policy(Context& context, Json input);
  Output put_data_protection_policy(Context& context, Json input);
  // The topic in `text`, which `parameter` gave; `parameter` is named in errors.
  Named named(const Context& context, const std::string& text, const std::string& parameter) const;
  Topic existing(const Named& topic) const;  // throws NotFound
  // Under the topic's lock: reads it, lets `apply` change it, commits.
  void change(Context& context, const Named& topic,
              const std::function<void(Topic&, storage::Batch&)>& apply);
  void forget_after(RealmId realm, const std::string& topic, storage::Batch& batch);

  // permissions.cpp
  Operations permission_operations();
  Output add_permission(Context& context, Json input);
  Output remove_permission(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags(Context& context, Json input);

  // subscriptions.cpp
  Operations subscription_operations();
  Output subscribe(Context& context, Json input);
  Output unsubscribe(Context& context, Json input);
  Output confirm_subscription(Context& context, Json input);
  Output list_subscriptions(Context& context, Json input);
  Output list_subscriptions_by_topic(Context& context, Json input);
  Output get_subscription_attributes(Context& context, Json input);
  Output set_subscription_attributes(Context& context, Json input);
  void ask_confirmation(Context& context, const Named& topic, const Topic& of,
                        Subscription& subscription, storage::Batch& batch);
  // The subscription of an ARN; nullopt if there is none.
  std::optional<Subscription> find_subscription(const Context& context, const std::string& arn,
                                                Named& topic) const;
  Notification confirmation(const Context& context, const Topic& topic, const std::string& arn,
                            const Subscription& subscription) const;

  // publish.cpp
  Operations publish_operations();
  Output publish(Context& context, Json input);
  Output publish_batch(Context& context, Json input);
  Json publish_to_topic(Context& context, const Named& topic, const TopicView& view,
                        std::vector<Notification> messages);
  Json publish_in_order(Context& context, const Named& topic, const TopicView& view,
                        std::vector<Notification> messages);
  Json publish_to_phone(Context& context, const Json& input, Json attributes);
  Json publish_to_endpoint(Context& context, const Json& input, const std::string& arn,
                           Json attributes);
  Notification notification_of(const Context& context, const Json& input, Json attributes) const;
  std::vector<std::string> recipients(const Context& context, const Named& topic,
                                      const TopicView& view, const Notification& what) const;
  std::string base_url(const Context& context) const;

  // platform.cpp
  Operations platform_operations();
  Output create_platform_application(Context& context, Json input);
  Output delete_platform_application(Context& context, Json input);
  Output list_platform_applications(Context& context, Json input);
  Output get_platform_application_attributes(Context& context, Json input);
  Output set_platform_application_attributes(Context& context, Json input);
  Output create_platform_endpoint(Context& context, Json input);
  Output delete_endpoint(Context& context, Json input);
  Output list_endpoints(Context& context, Json input);
  Output get_endpoint_attributes(Context& context, Json input);
  Output set_endpoint_attributes(Context& context, Json input);
  PlatformApplication existing_application(const Context& context, const std::string& arn) const;
  PlatformEndpoint existing_endpoint(const Context& context, const std::string& arn) const;

  // sms.cpp
  Operations sms_operations();
  Output get_sms_attributes(Context& context, Json input);
  Output set_sms_attributes(Context& context, Json input);
  Output check_opted_out(Context& context, Json input);
  Output list_opted_out(Context& context, Json input);
  Output opt_in(Context& context, Json input);
  Output create_sandbox_number(Context& context, Json input);
  Output delete_sandbox_number(Context& context, Json input);
  Output verify_sandbox_number(Context& context, Json input);
  Output list_sandbox_numbers(Context& context, Json input);
  Output get_sandbox_status(Context& context, Json input);
  Output list_origination_numbers(Context& context, Json input);

  // web.cpp: links in messages, the certificate, the views of LocalStack
  void add_endpoints();
  Task<void> serve_link(http::Exchange& exchange, Context& context);
  Task<void> serve_certificate(http::Exchange& exchange);
  Task<void> serve_views(http::Exchange& exchange);
  http::Response view(const http::RequestHead& head);
  http::Response token_view(const std::string& arn) const;
  http::Response opt_out(const http::RequestHead& head);

  gateway::Platform& platform_;
  Store store_;
  Directory directory_;
  Signer signer_;
  Deliveries deliveries_;
  const events::Mailbox mailbox_;
};

// How services/all.cpp makes it.
std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::sns
