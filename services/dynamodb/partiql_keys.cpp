#include "services/dynamodb/partiql_keys.hpp"

#include <algorithm>

#include "services/dynamodb/partiql_errors.hpp"

namespace paddock::services::dynamodb {

// One condition on the sort key.
struct StatementKeys::SortTerm {
  RangeOperator op = RangeOperator::equal;
  const AttributeValue* low = nullptr;
  const AttributeValue* high = nullptr;
};

// One way to satisfy WHERE, as far as keys go.
struct StatementKeys::Branch {
  const AttributeValue* hash = nullptr;
  std::vector<SortTerm> sort{};
  bool no_range = false;  // it has a condition on the sort key that no range can hold
};

struct StatementKeys::Term {
  std::string_view attribute;
  Op op = Op::equal;  // as if the attribute came first
  std::vector<const AttributeValue*> values{};
};

namespace statement_keys {

Op mirrored(Op op) {
  switch (op) {
    case Op::less:
      return Op::greater;
    case Op::less_equal:
      return Op::greater_equal;
    case Op::greater:
      return Op::less;
    case Op::greater_equal:
      return Op::less_equal;
    default:
      return op;
  }
}

// Of two values of one key type.
bool less(const AttributeValue& a, const AttributeValue& b) {
  if (a.is(AttributeType::number)) return a.as_number() < b.as_number();
  if (a.is(AttributeType::string)) return a.as_string() < b.as_string();
  return a.as_binary() < b.as_binary();
}

void require_type(const AttributeValue* value, const KeyAttribute& attribute) {
  if (value && value->type() != attribute.type) throw errors::statement_key_type(attribute.name);
}

// A part of a table or index while it is sorted.
struct Part {
  const AttributeValue* hash;
  KeyBounds bounds;
  bool no_range;
};

// Parts in order of partition and sort key: throws for parts that overlap, except where AWS does
// not see it; those become one.
std::vector<Part> disjoint(const std::vector<Part>& parts) {
  std::vector<Part> out;
  for (const Part& part : parts) {
    if (out.empty() || part.bounds.begin >= out.back().bounds.end) {
      out.push_back(part);
      continue;
    }
    Part& before = out.back();
    if (!part.no_range && !before.no_range) throw errors::overlapping_ranges();
    before.bounds.end = std::max(before.bounds.end, part.bounds.end);
    before.no_range = true;
  }
  return out;
}

}  // namespace statement_keys

std::optional<StatementKeys::Term> StatementKeys::term_of(const ExpressionNode& node) const {
  switch (node.op) {
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::between:
    case Op::in:
    case Op::begins_with:
      break;
    default:
      return std::nullopt;
  }
  Term term;
  term.op = node.op;
  uint32_t path = 0;
  if (child(node, 0).op == Op::value && node.count == 2 && node.op != Op::begins_with &&
      node.op != Op::in) {
    path = 1;
    term.op = statement_keys::mirrored(node.op);
  }
  for (uint32_t i = 0; i < node.count; ++i) {
    const ExpressionNode& part = child(node, i);
    if (i == path) {
      if (part.op != Op::path || paths_[part.index].size() != 1) return std::nullopt;
      term.attribute = paths_[part.index].front().name;
    } else {
      if (part.op != Op::value) return std::nullopt;
      term.values.push_back(&value_at(part));
    }
  }
  return term;
}

bool StatementKeys::names(const ExpressionNode& node, std::string_view attribute) const {
  if (node.op == Op::path) return paths_[node.index].front().name == attribute;
  for (uint32_t i = 0; i < node.count; ++i) {
    if (names(child(node, i), attribute)) return true;
  }
  return false;
}

bool StatementKeys::fixes_partition(const KeySchema& keys) const {
  return fixes(node(parsed_->root), keys);
}

bool StatementKeys::fixes(const ExpressionNode& node, const KeySchema& keys) const {
  if (node.op == Op::logical_and || node.op == Op::logical_or) {
    const bool any = node.op == Op::logical_and;
    for (uint32_t i = 0; i < node.count; ++i) {
      if (fixes(child(node, i), keys) == any) return any;
    }
    return !any;
  }
  const auto term = term_of(node);
  return term && term->attribute == keys.hash.name && (term->op == Op::equal || term->op == Op::in);
}

StatementKeys::Named StatementKeys::named(const KeySchema& keys, bool one_of_one) const {
  Named out;
  collect_named(node(parsed_->root), keys, one_of_one, out);
  return out;
}

void StatementKeys::collect_named(const ExpressionNode& node, const KeySchema& keys,
                                  bool one_of_one, Named& out) const {
  if (node.op == Op::logical_and) {
    for (uint32_t i = 0; i < node.count; ++i) collect_named(child(node, i), keys, one_of_one, out);
    return;
  }
  const auto term = term_of(node);
  const bool equality =
      term && keys.has(term->attribute) &&
      (term->op == Op::equal || (one_of_one && term->op == Op::in && term->values.size() == 1));
  if (!equality) {
    out.only_key = false;
    return;
  }
  const AttributeValue& value = *term->values.front();
  const AttributeValue* known = out.key.find(term->attribute);
  if (!known) {
    out.key.set(term->attribute, value);
  } else if (!(*known == value) && out.twice.empty()) {
    out.twice = term->attribute;
  }
}

StatementKeys::Branches StatementKeys::expand(const ExpressionNode& node,
                                              const KeySchema& keys) const {
  const auto names_key = [&](const ExpressionNode& part) {
    return names(part, keys.hash.name) || (keys.range && names(part, keys.range->name));
  };
  if (!names_key(node)) return {Branch{}};
  if (node.op == Op::logical_or) {
    Branches all;
    for (uint32_t i = 0; i < node.count; ++i) {
      for (Branch& branch : expand(child(node, i), keys)) all.push_back(std::move(branch));
    }
    if (all.size() > kMaxStatementReads) throw errors::too_many_reads();
    return all;
  }
  if (node.op != Op::logical_and) return expand_term(node, keys);
  Branches all = {Branch{}};
  for (uint32_t i = 0; i < node.count; ++i) {
    const Branches more = expand(child(node, i), keys);
    Branches product;
    for (const Branch& a : all) {
      for (const Branch& b : more) {
        if (a.hash && b.hash && !(*a.hash == *b.hash)) continue;  // nothing satisfies both
        Branch& both = product.emplace_back(a);
        if (!both.hash) both.hash = b.hash;
        both.sort.insert(both.sort.end(), b.sort.begin(), b.sort.end());
        both.no_range = a.no_range || b.no_range;
      }
    }
    if (product.size() > kMaxStatementReads) throw errors::too_many_reads();
    all = std::move(product);
  }
  return all;
}

StatementKeys::Branches StatementKeys::expand_term(const ExpressionNode& node,
                                                   const KeySchema& keys) const {
  const auto term = term_of(node);
  if (term && term->attribute == keys.hash.name && (term->op == Op::equal || term->op == Op::in)) {
    Branches out;
    for (const AttributeValue* value : term->values) {
      statement_keys::require_type(value, keys.hash);
      out.push_back({value, {}, false});
    }
    return out;
  }
  Branch rest;
  if (!keys.range || !names(node, keys.range->name)) return {rest};
  rest.no_range = true;
  if (!term || term->attribute != keys.range->name) return {rest};
  for (const AttributeValue* value : term->values) {
    statement_keys::require_type(value, *keys.range);
  }
  Branches out;
  if (term->op == Op::in) {
    for (const AttributeValue* value : term->values) {
      out.push_back({nullptr, {{RangeOperator::equal, value, nullptr}}, false});
    }
    return out;
  }
  const auto op = range_operator(term->op);
  if (!op) return {rest};
  const AttributeValue* high = term->values.size() > 1 ? term->values[1] : nullptr;
  out.push_back({nullptr, {{*op, term->values.front(), high}}, false});
  return out;
}

StatementKeys::Reads StatementKeys::reads(const Table& table, const Index* index, bool descending,
                                          bool backward) const {
  const KeySchema& keys = index ? index->keys : table.keys;
  Reads out;
  if (!fixes_partition(keys)) {
    out.everything = true;
    return out;
  }
  const Branches branches = expand(node(parsed_->root), keys);
  if (branches.size() > kMaxStatementReads) throw errors::too_many_reads();
  std::vector<statement_keys::Part> parts;
  for (const Branch& branch : branches) {
    KeyRange range;
    range.hash = *branch.hash;
    KeyBounds part = bounds(table, index, range);
    for (const SortTerm& term : branch.sort) {
      range.op = term.op;
      range.low = *term.low;
      if (term.high) range.high = *term.high;
      const KeyBounds narrower = bounds(table, index, range);
      part.begin = std::max(part.begin, narrower.begin);
      part.end = std::min(part.end, narrower.end);
    }
    if (part.begin < part.end) parts.push_back({branch.hash, std::move(part), branch.no_range});
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    if (statement_keys::less(*a.hash, *b.hash)) return true;
    if (statement_keys::less(*b.hash, *a.hash)) return false;
    return a.bounds.begin < b.bounds.begin;
  });
  // Within a partition bounds come in order; a part of another partition overlaps none.
  std::vector<std::vector<statement_keys::Part>> partitions;
  for (auto& part : parts) {
    if (partitions.empty() || !(*partitions.back().front().hash == *part.hash)) {
      partitions.emplace_back();
    }
    partitions.back().push_back(std::move(part));
  }
  out.several_partitions = partitions.size() > 1;
  if (descending) std::reverse(partitions.begin(), partitions.end());
  for (const auto& partition : partitions) {
    auto whole = statement_keys::disjoint(partition);
    if (backward) std::reverse(whole.begin(), whole.end());
    for (auto& part : whole) out.parts.push_back(std::move(part.bounds));
  }
  return out;
}

std::vector<std::string_view> StatementKeys::not_projected(const Index& index) const {
  std::vector<std::string_view> out;
  if (index.projection != Projection::all) {
    collect_not_projected(node(parsed_->root), index, out);
  }
  return out;
}

void StatementKeys::collect_not_projected(const ExpressionNode& node, const Index& index,
                                          std::vector<std::string_view>& out) const {
  if (node.op == Op::logical_and) {
    for (uint32_t i = 0; i < node.count; ++i) collect_not_projected(child(node, i), index, out);
    return;
  }
  // An OR with a key in it is several reads, which AWS does not check.
  if (node.op == Op::logical_or && (names(node, index.keys.hash.name) ||
                                    (index.keys.range && names(node, index.keys.range->name)))) {
    return;
  }
  std::vector<std::string_view> found;
  paths_of(node, found);
  for (const std::string_view name : found) {
    const bool held = std::binary_search(index.projected.begin(), index.projected.end(), name);
    if (!held && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
}

void StatementKeys::paths_of(const ExpressionNode& node, std::vector<std::string_view>& out) const {
  if (node.op == Op::path) out.push_back(paths_[node.index].front().name);
  for (uint32_t i = 0; i < node.count; ++i) paths_of(child(node, i), out);
}

}  // namespace paddock::services::dynamodb
