// Directives: what a template prints.
#include "services/apigateway/limits.hpp"
#include "services/apigateway/vtl_machine.hpp"

namespace paddock::services::apigateway::vtl {

std::string render(const Template& text, const Inputs& inputs) {
  return Machine(text, inputs).run();
}

std::string render(const Template& text, const Inputs& inputs, const Json& variables) {
  Machine machine(text, inputs);
  for (const auto& [name, value] : variables.items()) {
    machine.set(name, machine.from_document(value));
  }
  return machine.run();
}

Machine::Machine(const Template& text, const Inputs& inputs) : template_(text), inputs_(inputs) {}

Machine::Depth::Depth(Machine& machine, size_t steps) : machine_(machine) {
  machine_.budget_.spend(static_cast<int64_t>(steps));
  if (machine_.depth_ >= kMaxEvaluation) throw TemplateError("The template is nested too deeply");
  ++machine_.depth_;
}

// A variable that becomes null is none.
void Machine::set(const std::string& name, Value value) {
  if (!frames_.empty()) {
    auto parameter = frames_.back().find(name);
    if (parameter != frames_.back().end()) {
      parameter->second = std::move(value);
      return;
    }
  }
  if (is_null(value)) {
    variables_.erase(name);
  } else {
    variables_[name] = std::move(value);
  }
}

Value* Machine::variable(const std::string& name) {
  if (!frames_.empty()) {
    auto parameter = frames_.back().find(name);
    if (parameter != frames_.back().end()) return &parameter->second;
  }
  auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

std::string Machine::run() {
  std::string out;
  try {
    render(template_.root(), out);
  } catch (const RegexError& error) {
    throw TemplateError(error.what());
  }
  write_back();
  return out;
}

void Machine::render(const Node& node, std::string& out) {
  if (stopped_ || loop_stopped_) return;
  Depth depth(*this);
  switch (node.kind) {
    case Node::Kind::text:
      budget_.spend_text(node.text.size());
      out += node.text;
      break;
    case Node::Kind::block:
      for (const auto& child : node.children) render(*child, out);
      break;
    case Node::Kind::reference:
      render_reference(node, out);
      break;
    case Node::Kind::set:
      assign(*node.children[0], evaluate(*node.children[1]));
      break;
    case Node::Kind::condition:
      render_condition(node, out);
      break;
    case Node::Kind::foreach:
      render_loop(node, out);
      break;
    case Node::Kind::define:
      set(node.name, Block{node.children[0].get()});
      break;
    case Node::Kind::call:
      render_call(node, out);
      break;
    case Node::Kind::stop:
      stopped_ = true;
      break;
    case Node::Kind::stop_loop:
      loop_stopped_ = true;
      break;
    default:
      break;  // expressions are evaluated, not rendered
  }
  if (out.size() > kMaxPayload) throw TemplateError("The template's output is too long");
}

void Machine::render_reference(const Node& node, std::string& out) {
  out += node.prefix;
  if (node.escaped) {
    out += node.text;
    return;
  }
  Value value = evaluate_reference(node);
  if (const auto* block = std::get_if<Block>(&value)) {
    render_block(*block, out);
  } else if (!is_null(value)) {
    append_text(out, value, budget_);
  }
}

void Machine::render_block(const Block& block, std::string& out) {
  if (calls_ >= kMaxCalls) throw TemplateError("Blocks call each other too deeply");
  ++calls_;
  render(*block.body, out);
  --calls_;
}

void Machine::render_condition(const Node& node, std::string& out) {
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    if (truth(evaluate(*node.children[i]))) return render(*node.children[i + 1], out);
  }
  if (node.children.size() % 2 != 0) render(*node.children.back(), out);
}

std::vector<Value> Machine::iterated(const Value& value) {
  std::vector<Value> items;
  if (const auto* list = std::get_if<List*>(&value)) {
    items = (*list)->items;
  } else if (const auto* map = std::get_if<Map*>(&value)) {
    for (const auto& member : (*map)->members) items.push_back(member.second);
  }
  budget_.spend(static_cast<int64_t>(items.size()));
  return items;
}

void Machine::render_loop(const Node& node, std::string& out) {
  const std::vector<Value> items = iterated(evaluate(*node.children[0]));
  const size_t turns = std::min(items.size(), kMaxLoop);
  if (turns == 0) return;
  const std::vector<std::string> names{node.name, "foreach", "velocityCount", "velocityHasNext"};
  std::vector<Value> saved;
  for (const auto& name : names) {
    Value* former = variable(name);
    saved.push_back(former ? *former : Value());
  }
  Map* state = arena_.map();
  if (!is_null(saved[1])) state->put("parent", saved[1]);
  for (size_t i = 0; i < turns && !stopped_; ++i) {
    const bool more = i + 1 < items.size();
    state->put("index", static_cast<int64_t>(i));
    state->put("count", static_cast<int64_t>(i + 1));
    state->put("hasNext", more);
    state->put("first", i == 0);
    state->put("last", !more);
    set("foreach", state);
    set("velocityCount", static_cast<int64_t>(i + 1));
    set("velocityHasNext", more);
    set(node.name, items[i]);
    render(*node.children[1], out);
    if (loop_stopped_) break;
  }
  loop_stopped_ = false;
  for (size_t i = 0; i < names.size(); ++i) set(names[i], saved[i]);
}

void Machine::render_call(const Node& node, std::string& out) {
  const Macro* macro = template_.macro(node.name);
  if (!macro) {
    out += node.text;
    return;
  }
  if (calls_ >= kMaxCalls) throw TemplateError("Macros call each other too deeply");
  std::unordered_map<std::string, Value> frame;
  for (size_t i = 0; i < macro->parameters.size(); ++i) {
    const bool given = i < node.children.size();
    frame[macro->parameters[i]] = given ? evaluate(*node.children[i]) : Value();
  }
  frames_.push_back(std::move(frame));
  ++calls_;
  render(*macro->body, out);
  --calls_;
  frames_.pop_back();
}

// An assignment whose target leads nowhere is none.
void Machine::assign(const Node& target, Value value) {
  if (target.accesses.empty()) {
    if (!is_null(value)) set(target.name, std::move(value));
    return;
  }
  Value object = root_of(target.name);
  for (size_t i = 0; i + 1 < target.accesses.size(); ++i) {
    object = step(object, target.accesses[i]);
  }
  const Access& last = target.accesses.back();
  if (last.kind == Access::Kind::method) return;
  const Value key =
      last.kind == Access::Kind::index ? evaluate(*last.arguments[0]) : Value(last.name);
  if (auto* map = std::get_if<Map*>(&object)) {
    budget_.spend(1);
    (*map)->put(text_of(key), std::move(value));
  } else if (auto* list = std::get_if<List*>(&object)) {
    const auto* index = std::get_if<int64_t>(&key);
    const auto size = static_cast<int64_t>((*list)->items.size());
    if (!index) return;
    const int64_t at = *index < 0 ? *index + size : *index;
    if (at < 0 || at >= size) throw TemplateError("Index out of bounds: " + std::to_string(*index));
    (*list)->items[static_cast<size_t>(at)] = std::move(value);
  }
}

}  // namespace paddock::services::apigateway::vtl
