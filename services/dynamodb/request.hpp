// What the data operations share: the expressions of a request, its consumed capacity, and the text
// of its answer.
#pragma once

#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/expression_cache.hpp"
#include "services/dynamodb/key_condition.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/update.hpp"

namespace paddock::services::dynamodb {

// "" if the member is absent.
std::string_view text_member(const Json& input, const char* name);
bool flag_member(const Json& input, const char* name, bool otherwise = false);

// The expressions of one request with its names and values, or the legacy parameters in their
// place. Stays in place while bound expressions live.
class RequestExpressions {
 public:
  // `expressions` and `legacy` are the members that the operation has, in AWS's order of checks.
  // Throws if both kinds are given, if names or values are given without an expression that could
  // use them, or a ConditionalOperator without conditions to join.
  RequestExpressions(ExpressionCache& cache, const Json& input,
                     std::initializer_list<const char*> expressions,
                     std::initializer_list<const char*> legacy = {});
  RequestExpressions(const RequestExpressions&) = delete;
  RequestExpressions& operator=(const RequestExpressions&) = delete;

  // The bound expression of that member; nullopt if it is absent.
  template <class Expression>
  std::optional<Expression> bind(const char* member, ExpressionKind kind) {
    const Json& text = member_or_null(input_, member);
    if (text.is_null()) return std::nullopt;
    return std::optional<Expression>(
        std::in_place, cache_.get(kind, text.get_ref<const std::string&>()), attributes());
  }
  // The same on the heap, for holders that do not know the type; nullptr if the member is absent.
  template <class Expression>
  std::unique_ptr<Expression> make(const char* member, ExpressionKind kind) {
    const Json& text = member_or_null(input_, member);
    if (text.is_null()) return nullptr;
    return std::make_unique<Expression>(cache_.get(kind, text.get_ref<const std::string&>()),
                                        attributes());
  }
  // After the last `bind`. Throws for names and values that no expression used.
  void finish() { attributes().require_all_used(); }

  // The legacy parameter of that member; nullopt if it is absent or asks for nothing. Throw as AWS
  // refuses it.
  std::optional<ConditionExpression> legacy_filter(const char* member);
  std::optional<ProjectionExpression> attributes_to_get();
  std::optional<KeyCondition> key_conditions();
  // ConditionExpression or Expected, UpdateExpression or AttributeUpdates, ProjectionExpression or
  // AttributesToGet: of an operation that has them.
  // nullptr and nullopt: neither is there.
  std::unique_ptr<const ItemCondition> condition();
  std::unique_ptr<const ItemUpdate> update();
  std::optional<ProjectionExpression> projection();

 private:
  // nullptr if the member is absent or empty; the operands go to a new set of attributes, the last.
  ParsedExpressionPtr parse_legacy(const char* member);
  // The names and values: read when they are first asked for, since AWS looks at keys and items
  // before them.
  ExpressionAttributes& attributes();

  ExpressionCache& cache_;
  const Json& input_;
  std::optional<ExpressionAttributes> attributes_;
  std::list<ExpressionAttributes> legacy_attributes_;  // a list: they stay in place
};

// Throws if a path goes below a key attribute of the table or of an index: keys are scalars.
void check_key_paths(const Table& table, const std::vector<BoundExpression::Head>& heads);

enum class ReturnCapacity { none, total, indexes };
ReturnCapacity return_capacity(const Json& input);

// Units that a request took from one table.
struct Consumed {
  double table = 0;
  std::vector<std::pair<const Index*, double>> indexes;

  double total() const;
  void add_index(const Index& index, double units);
};
// A ConsumedCapacity structure. `read` or write units, as the operation has them.
Json consumed_json(const Table& table, const Consumed& consumed, ReturnCapacity mode);

// {"Name":value,…} in pieces; values are JSON text.
class AnswerText {
 public:
  // Appends `"name":` and returns the text to append the value to.
  std::string& member(std::string_view name);
  void member(std::string_view name, const Json& value) { member(name) += value.dump(); }
  std::string finish() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string text_ = "{";
};

// An item as it is on the wire, blobs as base64 text: for pieces of answer text.
Json wire_document(const Item& item);

}  // namespace paddock::services::dynamodb
