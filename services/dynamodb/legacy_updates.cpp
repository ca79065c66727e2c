// AttributeUpdates and AttributesToGet.
#include <set>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/legacy.hpp"
#include "services/dynamodb/legacy_builder.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb::legacy {

namespace m = models::dynamodb_members;

namespace update_parts {

bool is_set(AttributeType type) {
  return type == AttributeType::string_set || type == AttributeType::number_set ||
         type == AttributeType::binary_set;
}

// The kind of change; PUT unless the action says otherwise.
UpdateAction::Kind kind_of(const Json& update, bool has_value) {
  const Json& action = member_or_null(update, m::Action);
  if (action.is_null() || action == "PUT") return UpdateAction::Kind::set;
  if (action == "ADD") return UpdateAction::Kind::add;
  return has_value ? UpdateAction::Kind::remove_members : UpdateAction::Kind::remove;
}

void check_type(UpdateAction::Kind kind, AttributeType type) {
  if (kind == UpdateAction::Kind::add) {
    if (is_set(type) || type == AttributeType::number || type == AttributeType::list) return;
    throw errors::cannot_add(type_name(type));
  }
  if (kind == UpdateAction::Kind::remove_members && !is_set(type)) {
    throw errors::cannot_delete(type_name(type));
  }
}

void build(Builder& builder, const std::string& attribute, const Json& update) {
  const Json& document = member_or_null(update, m::Value);
  const UpdateAction::Kind kind = kind_of(update, !document.is_null());
  if (document.is_null()) {
    if (kind != UpdateAction::Kind::remove) throw errors::only_delete_without_value();
    builder.act(kind, builder.path(attribute), 0);
    return;
  }
  AttributeValue value = value_from_document(document);
  check_type(kind, value.type());
  builder.act(kind, builder.path(attribute), builder.value_node(std::move(value)));
}

}  // namespace update_parts

ParsedExpressionPtr parse_attribute_updates(const Json& updates, ExpressionAttributes& attributes) {
  if (updates.empty()) return nullptr;
  Builder builder(ExpressionKind::update, &attributes);
  for (const auto& [attribute, update] : updates.items()) {
    update_parts::build(builder, attribute, update);
  }
  return builder.finish();
}

ParsedExpressionPtr parse_attributes_to_get(const Json& names) {
  Builder builder(ExpressionKind::projection, nullptr);
  std::set<std::string_view> seen;
  for (const Json& entry : names) {
    const auto& name = entry.get_ref<const std::string&>();
    if (!seen.insert(name).second) throw errors::duplicate_attribute(name);
    builder.project(builder.path(name));
  }
  return builder.finish();
}

}  // namespace paddock::services::dynamodb::legacy
