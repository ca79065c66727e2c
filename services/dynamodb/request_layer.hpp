// The words in which an operation refuses a request, where AWS's operations differ.
//
// AWS checks requests in one of two layers and has been moving its operations from the older one to
// the newer since June 2026, region by region. As measured in us-east-1 in October 2026
// (README.md): PutItem, UpdateItem and DeleteItem use the newer words and put them into the
// envelope of the model's validation, "1 validation error detected: …"; GetItem, BatchGetItem and
// Query use them bare; all others use the older words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/validation.hpp"
#include "wire/model.hpp"
#include "wire/validate.hpp"

namespace paddock::services::dynamodb {

// How an operation of the newer layer answers. Those of the older layer need nothing.
enum class Layer { current, enveloped };

// A message of the newer layer as that operation says it.
AwsError in_layer(Layer layer, const std::string& message);

// Runs the checks that need no table definition; their refusals come in the layer's words.
template <class Checks>
auto check_in(Layer layer, Checks checks) -> decltype(checks()) {
  try {
    return checks();
  } catch (const RewordedError& error) {
    throw in_layer(layer, error.current());
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") throw;
    throw in_layer(layer, error.message());
  }
}

// What the model's constraints refuse, in the words and the order of that operation. `violations`
// is not empty.
AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations);

}  // namespace paddock::services::dynamodb
