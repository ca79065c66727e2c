// A mapping template as a tree, parsed to the Velocity 1.7 language
// (https://velocity.apache.org/engine/1.7/vtl-reference.html), which API Gateway runs. Immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/apigateway/vtl_value.hpp"

namespace paddock::services::apigateway::vtl {

struct Node;
using NodePtr = std::unique_ptr<Node>;

// One step of a reference: .name, .name(arguments) or [index].
struct Access {
  enum class Kind { property, method, index } kind = Kind::property;
  std::string name;
  std::vector<NodePtr> arguments;  // of a method; the one index
};

struct Node {
  enum class Kind {
    text,       // text
    reference,  // name, accesses …
    literal,    // value
    string,     // children: one block to be rendered
    list,       // children
    range,      // children: first, last
    map,        // children: key, value, key, value …
    negation,   // children: one
    binary,     // text: operator; children: left, right
    block,      // children
    set,        // children: reference, value
    condition,  // children: condition, block, condition, block … [, block]
    foreach,    // name; children: list, block
    define,     // name; children: block
    call,       // of a macro: name, children: arguments; text: as written
    stop,
    stop_loop,  // #break
  };
  explicit Node(Kind kind) : kind(kind) {}

  Kind kind;
  std::string text;
  std::string name;
  std::vector<NodePtr> children;
  Value value;
  // Of references.
  std::vector<Access> accesses;
  std::string prefix;    // backslashes that are printed before it
  bool escaped = false;  // printed as written
  NodePtr alternate;     // ${name|'alternate'}
};

struct Macro {
  std::vector<std::string> parameters;
  NodePtr body;
};

class Template {
 public:
  // Throws TemplateError, naming line and column.
  static std::shared_ptr<const Template> parse(std::string_view text);

  const Node& root() const { return *root_; }
  const Macro* macro(const std::string& name) const;

 private:
  friend class Parser;
  NodePtr root_;
  std::unordered_map<std::string, Macro> macros_;
};

inline constexpr size_t kMaxTemplate = 300 * 1024;  // bytes, AWS's quota
inline constexpr size_t kMaxNesting = 64;           // blocks, lists, parentheses, arguments

}  // namespace paddock::services::apigateway::vtl
