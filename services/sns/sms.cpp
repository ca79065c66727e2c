// SMS as records: the account's attributes, opted-out numbers, the sandbox. Texts land in the local
// mailbox.
// https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html
#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace texting {

constexpr const char* kAttributes = "attributes";
constexpr const char* kSandbox = "sandbox";

bool is_sender(const std::string& value) {
  constexpr size_t kMost = 11;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !value.empty() && value.size() <= kMost &&
         std::any_of(value.begin(), value.end(), letter) &&
         std::all_of(value.begin(), value.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_number(const std::string& value, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size() && number <= most;
}

void check_attribute(const std::string& name, const std::string& value) {
  if (name == "DefaultSenderID") {
    // The misspelling is AWS's.
    if (!is_sender(value)) {
      throw errors::invalid_sentence("DefaultSendID is not a valid attribute");
    }
  } else if (name == "DefaultSMSType") {
    if (value != "Promotional" && value != "Transactional") {
      throw errors::invalid_sentence("DefaultSMSType is invalid");
    }
  } else if (name == "MonthlySpendLimit") {
    if (!is_number(value, 1)) throw errors::invalid_sentence("MonthlySpendLimit is invalid");
  } else if (name == "DeliveryStatusSuccessSamplingRate") {
    if (!is_number(value, 100)) {
      throw errors::invalid_sentence("DeliveryStatusSuccessSamplingRate is invalid");
    }
  } else if (name == "DeliveryStatusIAMRole") {
    if (!Arn::parse(value)) throw errors::invalid_sentence("DeliveryStatusIAMRole is invalid");
  } else if (name == "UsageReportS3Bucket") {
    if (value.empty()) throw errors::invalid_sentence("UsageReportS3Bucket is invalid");
  } else {
    throw errors::invalid_sentence(name + " is not a valid attribute");
  }
}

void check_number(const std::string& number) {
  if (!valid_phone_number(number)) {
    throw errors::invalid("PhoneNumber Reason: input incorrectly formatted");
  }
}

}  // namespace texting

Sns::Operations Sns::sms_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  constexpr Fidelity kKept = Fidelity::partial("kept without effect");
  constexpr Fidelity kCode = Fidelity::partial("the code goes to the local mailbox");
  return {
      {"GetSMSAttributes", plain(this, &Sns::get_sms_attributes), Access::read, kKept,
       "sns:GetSMSAttributes", nullptr, ""},
      {"SetSMSAttributes", plain(this, &Sns::set_sms_attributes), Access::write, kKept,
       "sns:SetSMSAttributes", nullptr, ""},
      {"CheckIfPhoneNumberIsOptedOut", plain(this, &Sns::check_opted_out), Access::read,
       Fidelity::full(), "sns:CheckIfPhoneNumberIsOptedOut", nullptr, ""},
      {"ListPhoneNumbersOptedOut", plain(this, &Sns::list_opted_out), Access::read,
       Fidelity::full(), "sns:ListPhoneNumbersOptedOut", nullptr, ""},
      {"OptInPhoneNumber", plain(this, &Sns::opt_in), Access::write, Fidelity::full(),
       "sns:OptInPhoneNumber", nullptr, ""},
      {"CreateSMSSandboxPhoneNumber", plain(this, &Sns::create_sandbox_number), Access::write,
       kCode, "sns:CreateSMSSandboxPhoneNumber", nullptr, ""},
      {"DeleteSMSSandboxPhoneNumber", plain(this, &Sns::delete_sandbox_number), Access::write,
       Fidelity::full(), "sns:DeleteSMSSandboxPhoneNumber", nullptr, ""},
      {"VerifySMSSandboxPhoneNumber", plain(this, &Sns::verify_sandbox_number), Access::write,
       kCode, "sns:VerifySMSSandboxPhoneNumber", nullptr, ""},
      {"ListSMSSandboxPhoneNumbers", plain(this, &Sns::list_sandbox_numbers), Access::read,
       Fidelity::full(), "sns:ListSMSSandboxPhoneNumbers", nullptr, ""},
      {"GetSMSSandboxAccountStatus", plain(this, &Sns::get_sandbox_status), Access::read,
       Fidelity::partial("texts go to any number all the same"), "sns:GetSMSSandboxAccountStatus",
       nullptr, ""},
      {"ListOriginationNumbers", plain(this, &Sns::list_origination_numbers), Access::read,
       Fidelity::partial("there are none"), "sns:ListOriginationNumbers", nullptr, ""},
  };
}

Sns::Output Sns::get_sms_attributes(Context& context, Json input) {
  Json attributes = store_.sms(context.realm->id, texting::kAttributes);
  if (!attributes.contains("MonthlySpendLimit")) {
    attributes["MonthlySpendLimit"] = limits::kSpendLimit;
  }
  if (input.contains(m::attributes)) {
    Json wanted = Json::object();
    for (const Json& name : input[m::attributes]) {
      const auto found = attributes.find(name.get<std::string>());
      if (found != attributes.end()) wanted[found.key()] = *found;
    }
    attributes = std::move(wanted);
  }
  return Json{{m::attributes, std::move(attributes)}};
}

Sns::Output Sns::set_sms_attributes(Context& context, Json input) {
  const Json& changes = input.at(m::attributes);
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    texting::check_attribute(change.key(), change->get<std::string>());
  }
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::sms_lock(realm));
  Json attributes = store_.sms(realm, texting::kAttributes);
  attributes.update(changes);
  storage::Batch batch;
  store_.put_sms(realm, texting::kAttributes, attributes, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::check_opted_out(Context& context, Json input) {
  const std::string number = text_of(input, m::phoneNumber);
  texting::check_number(number);
  return Json{{m::isOptedOut, store_.opted_out(context.realm->id, number)}};
}

Sns::Output Sns::list_opted_out(Context& context, Json input) {
  const auto after = read_page_token(text_of(input, m::nextToken), m::nextToken);
  Json numbers = Json::array();
  Json output = Json::object();
  store_.opted_out_numbers(context.realm->id, after.first, [&](const std::string& number) {
    if (numbers.size() == limits::kPage) {
      output[m::nextToken] = page_token(numbers.back().get<std::string>(), "");
      return false;
    }
    numbers.push_back(number);
    return true;
  });
  output[m::phoneNumbers] = std::move(numbers);
  return output;
}

Sns::Output Sns::opt_in(Context& context, Json input) {
  const std::string number = text_of(input, m::phoneNumber);
  texting::check_number(number);
  storage::Batch batch;
  store_.erase_opted_out(context.realm->id, number, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::create_sandbox_number(Context& context, Json input) {
  const std::string number = text_of(input, m::PhoneNumber);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::sms_lock(realm));
  if (store_.opted_out(realm, number)) throw errors::opted_out();
  Json numbers = store_.sms(realm, texting::kSandbox);
  if (!numbers.contains(number) && numbers.size() >= limits::kMostSandboxNumbers) {
    throw AwsError("UserErrorException",
                   "You have reached the maximum number of destination "
                   "phone numbers.");
  }
  // Six digits of a random number.
  const IdBytes bytes = platform_.ids.next(realm, "sns-sandbox");
  std::string code;
  for (size_t i = 0; i < 6; ++i) code += static_cast<char>('0' + bytes[i] % 10);
  numbers[number] = {{"status", "Pending"}, {"code", code}};
  storage::Batch batch;
  Notification what;
  what.message_id = platform_.ids.uuid(realm, "sns-message");
  const std::string text = "Your AWS SNS verification code is " + code;
  events::Mail mail = text_mail(what, number, "", text);
  mail.at = platform_.world.now();
  mail.id = what.message_id;
  mailbox_.add(realm, mail, batch);
  store_.put_sms(realm, texting::kSandbox, numbers, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::delete_sandbox_number(Context& context, Json input) {
  const std::string number = text_of(input, m::PhoneNumber);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::sms_lock(realm));
  Json numbers = store_.sms(realm, texting::kSandbox);
  if (numbers.erase(number) == 0) throw errors::resource_not_found();
  storage::Batch batch;
  store_.put_sms(realm, texting::kSandbox, numbers, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::verify_sandbox_number(Context& context, Json input) {
  const std::string number = text_of(input, m::PhoneNumber);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::sms_lock(realm));
  Json numbers = store_.sms(realm, texting::kSandbox);
  if (!numbers.contains(number)) throw errors::resource_not_found();
  if (numbers[number]["code"] != text_of(input, m::OneTimePassword)) {
    throw AwsError("VerificationException", "Invalid one-time password");
  }
  numbers[number]["status"] = "Verified";
  storage::Batch batch;
  store_.put_sms(realm, texting::kSandbox, numbers, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::list_sandbox_numbers(Context& context, Json input) {
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  const size_t most = input.value(m::MaxResults, limits::kPage);
  const Json numbers = store_.sms(context.realm->id, texting::kSandbox);
  Json found = Json::array();
  Json output = Json::object();
  for (auto number = numbers.begin(); number != numbers.end(); ++number) {
    if (!after.first.empty() && number.key() <= after.first) continue;
    if (found.size() == most) {
      output[m::NextToken] = page_token(found.back()[m::PhoneNumber].get<std::string>(), "");
      break;
    }
    found.push_back({{m::PhoneNumber, number.key()}, {m::Status, number->at("status")}});
  }
  output[m::PhoneNumbers] = std::move(found);
  return output;
}

Sns::Output Sns::get_sandbox_status(Context&, Json) {
  return Json{{m::IsInSandbox, true}};
}

Sns::Output Sns::list_origination_numbers(Context&, Json) {
  return Json{{m::PhoneNumbers, Json::array()}};
}

}  // namespace paddock::services::sns
