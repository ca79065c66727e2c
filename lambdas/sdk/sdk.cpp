#include "lambdas/sdk/sdk.hpp"

#include <cstdlib>
#include <iostream>

#include "lambda/environment.hpp"
#include "lambdas/sdk/remote.hpp"

namespace paddock::sdk {

using paddock::lambda::Environment;

Json call(const std::string& service, const std::string& operation, Json input) {
  if (auto* environment = Environment::current()) {
    return environment->call(service, operation, std::move(input));
  }
  return call_remote(service, operation, std::move(input));
}

std::string environment(const std::string& name) {
  if (const auto* environment = Environment::current()) return environment->variable(name);
  const char* value = std::getenv(name.c_str());
  return value ? value : "";
}

std::string required_environment(const std::string& name) {
  std::string value = environment(name);
  if (value.empty()) {
    throw Error("ConfigurationError", "The environment variable " + name + " is not set", 500);
  }
  return value;
}

void log(const std::string& text) {
  if (auto* environment = Environment::current()) {
    environment->log(text);
  } else {
    std::cout << text + "\n" << std::flush;
  }
}

Json text_value(const std::string& text) {
  return {{"S", text}};
}

Json number_value(int64_t number) {
  return {{"N", std::to_string(number)}};
}

int64_t number_of(const Json& item, const std::string& name, int64_t fallback) {
  const auto attribute = item.find(name);
  if (attribute == item.end() || !attribute->contains("N")) return fallback;
  return std::stoll(attribute->at("N").get_ref<const std::string&>());
}

}  // namespace paddock::sdk
