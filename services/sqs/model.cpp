#include "services/sqs/model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sqs {

namespace queue_rules {

constexpr std::string_view kFifoEnd = ".fifo";

bool good_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kQueueNameCharacters) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

int64_t in_range(std::string_view name, std::string_view text, int64_t least, int64_t most) {
  const auto value = number(text);
  if (!value || *value < least || *value > most) throw errors::attribute_value(name);
  return *value;
}

// "true" and "false" in any case, as AWS takes them.
bool flag(std::string_view name, std::string_view text) {
  if (equal_ignore_case(text, "true")) return true;
  if (equal_ignore_case(text, "false")) return false;
  throw errors::attribute_value(name);
}

[[noreturn]] void bad_redrive(const std::string& text, std::string_view reason) {
  throw errors::invalid_value(text, "RedrivePolicy", reason);
}

std::optional<Json> json_map(const std::string& text) {
  try {
    Json document = wire::parse_json(text);
    if (document.is_object()) return document;
  } catch (const std::invalid_argument&) {
    // No JSON is no map.
  }
  return std::nullopt;
}

void check_policy(const std::string& text) {
  const auto policy = json_map(text);
  if (!policy || !policy->contains("Statement")) throw errors::attribute_value("Policy");
  const Json& statements = (*policy)["Statement"];
  if (statements.is_array() && statements.size() > limits::kPolicyStatements) {
    throw AwsError("OverLimit",
                   std::to_string(statements.size()) +
                       " statements were found in the submitted policy, max allowed is 20",
                   403);
  }
}

constexpr std::array<std::string_view, 15> kSettable{
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "Policy",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
};
constexpr std::array<std::string_view, 6> kShownOnly{
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
};

template <size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
}

// Names that this kind of queue has not.
void check_name(bool fifo, std::string_view name, std::string_view value) {
  if (!among(kSettable, name)) throw errors::unknown_attribute(name);
  if (fifo) {
    if (name == "FifoQueue" && !equal_ignore_case(value, "true")) throw errors::queue_type_fixed();
    return;
  }
  if (name == "FifoQueue" || name == "ContentBasedDeduplication") {
    throw errors::unknown_attribute(name);
  }
  if (name == "DeduplicationScope" || name == "FifoThroughputLimit") {
    throw errors::fifo_only_attribute(name);
  }
}

void set_text(QueueInfo& queue, std::string_view name, const std::string& value) {
  if (value.empty()) {
    queue.attributes.erase(std::string(name));
  } else {
    queue.attributes[std::string(name)] = value;
  }
}

void set_redrive(QueueInfo& queue, const std::string& value) {
  // Empty takes it away, and so does an empty map in the text of some tools.
  queue.redrive.reset();
  if (!value.empty()) queue.redrive = parse_redrive_policy(value);
  set_text(queue, "RedrivePolicy", value);
}

void set_encryption(QueueInfo& queue, const Json& attributes) {
  const std::string key = attributes.value("KmsMasterKeyId", std::string());
  const std::string managed = attributes.value("SqsManagedSseEnabled", std::string());
  const bool on = !managed.empty() && flag("SqsManagedSseEnabled", managed);
  if (!key.empty() && on) throw errors::two_encryptions();
  if (attributes.contains("KmsMasterKeyId")) {
    set_text(queue, "KmsMasterKeyId", key);
    if (!key.empty()) queue.attributes["SqsManagedSseEnabled"] = "false";
  }
  if (!managed.empty()) {
    queue.attributes["SqsManagedSseEnabled"] = on ? "true" : "false";
    if (on) {
      queue.attributes.erase("KmsMasterKeyId");
      queue.attributes.erase("KmsDataKeyReusePeriodSeconds");
    }
  }
  if (attributes.contains("KmsDataKeyReusePeriodSeconds")) {
    const std::string period = attributes["KmsDataKeyReusePeriodSeconds"];
    in_range("KmsDataKeyReusePeriodSeconds", period, 60, 86'400);
    // The default is not shown (recorded).
    set_text(queue, "KmsDataKeyReusePeriodSeconds", period == "300" ? "" : period);
  }
}

void set_number(QueueInfo& queue, const Json& attributes, const char* name, int64_t& field,
                int64_t least, int64_t most) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return;
  field = in_range(name, found->get_ref<const std::string&>(), least, most);
  queue.attributes[name] = std::to_string(field);
}

void set_fifo(QueueInfo& queue, const Json& attributes) {
  if (const auto found = attributes.find("ContentBasedDeduplication"); found != attributes.end()) {
    queue.content_deduplication =
        flag("ContentBasedDeduplication", found->get_ref<const std::string&>());
    queue.attributes["ContentBasedDeduplication"] = queue.content_deduplication ? "true" : "false";
  }
  constexpr std::array<std::string_view, 2> kScopes{"messageGroup", "queue"};
  constexpr std::array<std::string_view, 2> kThroughputs{"perQueue", "perMessageGroupId"};
  for (const auto& [name, values] :
       {std::pair{"DeduplicationScope", kScopes}, std::pair{"FifoThroughputLimit", kThroughputs}}) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) continue;
    const std::string& value = found->get_ref<const std::string&>();
    if (!among(values, value)) throw errors::attribute_value(name);
    queue.attributes[name] = value;
  }
  const bool by_group = queue.attributes["FifoThroughputLimit"] == "perMessageGroupId";
  if (by_group && queue.attributes["DeduplicationScope"] != "messageGroup") {
    throw AwsError("InvalidAttributeValue",
                   "Invalid value for the parameter FifoThroughputLimit. Reason: The attribute "
                   "FifoThroughputLimit can be set to perMessageGroupId only when the value for "
                   "DeduplicationScope is messageGroup.");
  }
}

std::string_view without_scheme(std::string_view url) {
  const size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? std::string_view() : url.substr(scheme + 3);
}

// The region that a host names; "" if it names none.
std::string_view region_of_host(std::string_view host) {
  const size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view rest = host.substr(dot + 1);
  if (host.substr(0, dot) == "sqs") return rest.substr(0, rest.find('.'));
  if (rest.starts_with("queue.")) return host.substr(0, dot);
  if (host.substr(0, dot) == "queue") return "us-east-1";
  return {};
}

bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  }) && text.find('-') != std::string_view::npos;
}

}  // namespace queue_rules

std::string QueueInfo::arn() const {
  return make_arn("sqs", region, account, name);
}

void check_queue_name(std::string_view name, bool fifo) {
  const bool ends = name.ends_with(queue_rules::kFifoEnd);
  if (fifo && !ends) throw errors::fifo_queue_name();
  if (!fifo && ends) throw errors::queue_name();
  const std::string_view start =
      ends ? name.substr(0, name.size() - queue_rules::kFifoEnd.size()) : name;
  if (!queue_rules::good_name(start) || name.size() > limits::kQueueNameCharacters) {
    throw errors::queue_name();
  }
}

bool wants_fifo(const Json& attributes) {
  const auto found = attributes.find("FifoQueue");
  return found != attributes.end() && found->is_string() &&
         equal_ignore_case(found->get_ref<const std::string&>(), "true");
}

void set_attributes(QueueInfo& queue, const Json& attributes) {
  for (const auto& [name, value] : attributes.get_ref<const Json::object_t&>()) {
    queue_rules::check_name(queue.fifo, name, value.get_ref<const std::string&>());
  }
  using queue_rules::set_number;
  set_number(queue, attributes, "VisibilityTimeout", queue.visibility_s, 0,
             limits::kVisibilitySeconds);
  set_number(queue, attributes, "DelaySeconds", queue.delay_s, 0, limits::kDelaySeconds);
  set_number(queue, attributes, "MessageRetentionPeriod", queue.retention_s,
             limits::kRetentionLeastSeconds, limits::kRetentionMostSeconds);
  set_number(queue, attributes, "MaximumMessageSize", queue.most_bytes,
             limits::kMaximumMessageSizeLeast, limits::kMessageBytes);
  set_number(queue, attributes, "ReceiveMessageWaitTimeSeconds", queue.wait_s, 0,
             limits::kWaitSeconds);
  if (attributes.contains("Policy")) {
    const std::string policy = attributes["Policy"];
    if (!policy.empty()) queue_rules::check_policy(policy);
    queue_rules::set_text(queue, "Policy", policy);
  }
  if (attributes.contains("RedrivePolicy")) {
    queue_rules::set_redrive(queue, attributes["RedrivePolicy"]);
  }
  if (attributes.contains("RedriveAllowPolicy")) {
    const std::string policy = attributes["RedriveAllowPolicy"];
    redrive_allowed(policy, "");
    queue_rules::set_text(queue, "RedriveAllowPolicy", policy);
  }
  queue_rules::set_encryption(queue, attributes);
  if (queue.fifo) queue_rules::set_fifo(queue, attributes);
}

void set_first_attributes(QueueInfo& queue, const Json& attributes) {
  queue.fifo = wants_fifo(attributes);
  queue.attributes = {{"VisibilityTimeout", "30"},
                      {"DelaySeconds", "0"},
                      {"MessageRetentionPeriod", "345600"},
                      {"MaximumMessageSize", "1048576"},
                      {"ReceiveMessageWaitTimeSeconds", "0"},
                      {"SqsManagedSseEnabled", "true"}};
  if (queue.fifo) {
    queue.attributes["FifoQueue"] = "true";
    queue.attributes["ContentBasedDeduplication"] = "false";
    queue.attributes["DeduplicationScope"] = "queue";
    queue.attributes["FifoThroughputLimit"] = "perQueue";
  }
  set_attributes(queue, attributes);
  queue.scope_is_group = queue.fifo && queue.attributes["DeduplicationScope"] == "messageGroup";
}

std::string kept_value(std::string_view name, std::string_view value) {
  for (const std::string_view flag :
       {"FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled"}) {
    if (name == flag) return to_lower(value);
  }
  return std::string(value);
}

Redrive parse_redrive_policy(const std::string& text) {
  using queue_rules::bad_redrive;
  const auto policy = queue_rules::json_map(text);
  if (!policy) bad_redrive(text, "Redrive policy is not a valid JSON map.");
  for (const char* member : {"maxReceiveCount", "deadLetterTargetArn"}) {
    if (!policy->contains(member)) {
      bad_redrive(text, "Redrive policy does not contain mandatory attribute: " +
                            std::string(member) + ".");
    }
  }
  if (policy->size() > 2) {
    bad_redrive(text,
                "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].");
  }
  Redrive redrive;
  const Json& most = (*policy)["maxReceiveCount"];
  const std::string shown = most.is_string() ? most.get<std::string>() : most.dump();
  const auto count = queue_rules::number(shown);
  if (!count || *count < 1 || *count > limits::kMaxReceiveCountMost) {
    bad_redrive(text, "Invalid value for maxReceiveCount: " + shown +
                          ", valid values are from 1 to 1000 both inclusive.");
  }
  redrive.max_receives = *count;
  const Json& target = (*policy)["deadLetterTargetArn"];
  const std::optional<Arn> arn =
      target.is_string() ? Arn::parse(target.get_ref<const std::string&>()) : std::nullopt;
  if (!arn || arn->service != "sqs") {
    bad_redrive(text, "Dead-letter target ARN should be fully qualified ARN.");
  }
  redrive.target_arn = target.get<std::string>();
  redrive.target = arn->resource;
  return redrive;
}

bool redrive_allowed(const std::string& text, std::string_view source_arn) {
  if (text.empty()) return true;
  const auto fail = [&text](std::string_view reason) -> AwsError {
    return errors::invalid_value(
        text, "RedriveAllowPolicy",
        "Amazon SQS can't create the redrive allow policy. " + std::string(reason));
  };
  const AwsError unsupported(
      "InvalidAttributeValue",
      "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the "
      "redrive allow policy, as it\xE2\x80\x99s in an unsupported format.");
  const auto policy = queue_rules::json_map(text);
  if (!policy) throw unsupported;
  const std::string permission =
      policy->contains("redrivePermission") && (*policy)["redrivePermission"].is_string()
          ? (*policy)["redrivePermission"].get<std::string>()
          : std::string();
  const bool by_queue = permission == "byQueue";
  if (!by_queue && permission != "allowAll" && permission != "denyAll") throw unsupported;
  if (policy->size() > (policy->contains("sourceQueueArns") ? 2u : 1u)) throw unsupported;
  const auto sources = policy->find("sourceQueueArns");
  if (sources != policy->end()) {
    if (!sources->is_array() || !std::all_of(sources->begin(), sources->end(),
                                             [](const Json& s) { return s.is_string(); })) {
      throw unsupported;
    }
    if (!by_queue) {
      throw fail(
          "To specify one or more source queue ARNs, you must set redrivePermission to "
          "byQueue.");
    }
    if (sources->size() > limits::kRedriveSources) {
      throw fail("The maximum number of source queue ARNs you can specify is 10.");
    }
  }
  if (by_queue && (sources == policy->end() || sources->empty())) {
    throw fail(
        "When you specify the byQueue permission type, you must also specify one or more "
        "sourceQueueArns values.");
  }
  if (by_queue) return std::find(sources->begin(), sources->end(), source_arn) != sources->end();
  return permission == "allowAll";
}

bool is_queue_attribute(std::string_view name) {
  return name == "All" || queue_rules::among(queue_rules::kSettable, name) ||
         queue_rules::among(queue_rules::kShownOnly, name);
}

std::optional<QueueAddress> parse_queue_url(std::string_view url) {
  QueueAddress address;
  while (url.ends_with('/')) url.remove_suffix(1);
  std::string_view path = url;
  if (const std::string_view rest = queue_rules::without_scheme(url); !rest.empty()) {
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    std::string_view host = rest.substr(0, slash);
    address.region = queue_rules::region_of_host(host);
    path = rest.substr(slash);
  }
  path = path.substr(0, path.find('?'));
  if (path.starts_with('/')) path.remove_prefix(1);
  const size_t last = path.rfind('/');
  address.name = last == std::string_view::npos ? path : path.substr(last + 1);
  if (address.name.empty()) return std::nullopt;
  if (last == std::string_view::npos) return address;
  std::string_view before = path.substr(0, last);
  if (before.starts_with("queue/")) {
    before.remove_prefix(6);
    const size_t slash = before.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    address.region = before.substr(0, slash);
    before.remove_prefix(slash + 1);
  }
  if (before.size() != 12 ||
      !std::all_of(before.begin(), before.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  address.account = before;
  return address;
}

std::string queue_url(std::string_view scheme, std::string_view authority, const QueueInfo& queue) {
  std::string url(scheme);
  url += "://";
  const size_t dot = authority.find('.');
  const std::string_view first = authority.substr(0, dot);
  const std::string_view rest =
      dot == std::string_view::npos ? std::string_view() : authority.substr(dot + 1);
  if (first == "sqs" && queue_rules::is_region(rest.substr(0, rest.find('.')))) {
    url += "sqs." + queue.region + std::string(rest.substr(std::min(rest.find('.'), rest.size())));
  } else if (rest.starts_with("queue.") || (first == "queue" && !rest.empty())) {
    if (queue.region != "us-east-1") url += queue.region + ".";
    url += first == "queue" ? "queue." + std::string(rest) : std::string(rest);
  } else if (authority.empty()) {
    url += "sqs." + queue.region + ".amazonaws.com";  // asked for in-process
  } else {
    url += authority;
  }
  return url + "/" + queue.account + "/" + queue.name;
}

}  // namespace paddock::services::sqs
