// The state of one rendering; used by vtl_*.cpp only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/apigateway/java_regex.hpp"
#include "services/apigateway/vtl.hpp"

namespace paddock::services::apigateway::vtl {

class Machine {
 public:
  Machine(const Template& text, const Inputs& inputs);

  void set(const std::string& name, Value value);
  std::string run();
  Value from_document(const Json& document) { return value_of(document, arena_); }

 private:
  // vtl_render.cpp
  void render(const Node& node, std::string& out);
  void render_reference(const Node& node, std::string& out);
  void render_condition(const Node& node, std::string& out);
  void render_loop(const Node& node, std::string& out);
  void render_call(const Node& node, std::string& out);
  void render_block(const Block& block, std::string& out);
  void assign(const Node& target, Value value);
  std::vector<Value> iterated(const Value& value);
  Value* variable(const std::string& name);

  // vtl_evaluate.cpp
  Value evaluate(const Node& node);
  Value evaluate_reference(const Node& node);
  Value root_of(const std::string& name);
  std::optional<Value> context_scalar(const Node& node);
  Value step(Value& object, const Access& access);
  Value property(Value& object, const std::string& name);
  Value element(Value& object, const Value& key);
  Value range(const Node& node);
  Value binary(const Node& node);
  Value arithmetic(char op, const Value& left, const Value& right);
  bool compare(const std::string& op, const Value& left, const Value& right);
  bool equal(const Value& left, const Value& right);
  static bool truth(const Value& value);
  std::string text_of(const Value& value);

  // vtl_methods.cpp: methods of Java's types; null for those that are not there
  using Arguments = std::vector<Value>;
  Value call(Value& object, const std::string& name, Arguments& arguments);
  Value call_text(const std::string& text, const std::string& name, Arguments& arguments);
  Value call_text_part(const std::string& text, const std::string& name, Arguments& arguments);
  Value call_pattern(const std::string& text, const std::string& name, Arguments& arguments);
  Value call_list(List& list, const std::string& name, Arguments& arguments);
  Value change_list(List& list, const std::string& name, Arguments& arguments);
  Value call_map(Map& map, const std::string& name, Arguments& arguments);
  Value change_map(Map& map, const std::string& name, Arguments& arguments);
  Value call_number(const Value& number, const std::string& name, Arguments& arguments);
  const JavaRegex& regex(const std::string& pattern, size_t text_size);
  Value strings(const std::vector<std::string>& texts);

  // vtl_variables.cpp
  Value context();
  void write_back();
  Value parameters();
  Value parameter(const std::string& name);
  Value input(const std::string& name, Arguments& arguments);
  Value util(const std::string& name, Arguments& arguments);
  const Value& body();
  std::string_view body_text() const;
  Value map_of(const Parameters* parameters);

  // Counts evaluation within evaluation while it lives.
  class Depth {
   public:
    explicit Depth(Machine& machine, size_t steps = 1);
    ~Depth() { --machine_.depth_; }

   private:
    Machine& machine_;
  };

  const Template& template_;
  const Inputs& inputs_;
  Arena arena_;
  Budget budget_{kMaxSteps};
  std::unordered_map<std::string, Value> variables_;
  std::vector<std::unordered_map<std::string, Value>> frames_;  // of macros
  std::optional<Value> context_;
  Json* context_document_ = nullptr;
  std::optional<Value> body_;
  std::map<std::string, JavaRegex> patterns_;
  size_t depth_ = 0;
  size_t calls_ = 0;
  bool stopped_ = false;
  bool loop_stopped_ = false;
};

}  // namespace paddock::services::apigateway::vtl
