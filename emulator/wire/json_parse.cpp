#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wire/codec.hpp"

namespace paddock::wire {
namespace {

// Builds the document while the library's parser reads, so that every bound is checked before
// memory is taken. The parser itself is iterative and checks UTF-8.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(Json& root) : root_(root) { open_.reserve(16); }

  bool null() { return place(nullptr) != nullptr; }
  bool boolean(bool value) { return place(value) != nullptr; }
  bool number_integer(Json::number_integer_t value) { return place(value) != nullptr; }
  bool number_unsigned(Json::number_unsigned_t value) { return place(value) != nullptr; }
  bool number_float(Json::number_float_t value, const Json::string_t&) {
    return place(value) != nullptr;
  }
  bool string(Json::string_t& value) { return place(std::move(value)) != nullptr; }
  bool binary(Json::binary_t&) { return false; }  // not part of JSON text

  bool start_object(size_t) { return open(Json::value_t::object); }
  bool key(Json::string_t& name) {
    auto& object = open_.back()->get_ref<Json::object_t&>();
    const auto [at, inserted] = object.try_emplace(std::move(name));
    if (!inserted) throw std::invalid_argument("duplicate key '" + at->first + "'");
    value_ = &at->second;
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(Json::value_t::array); }
  bool end_array() { return close(); }

  bool parse_error(size_t, const std::string&, const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }

 private:
  template <class Value>
  Json* place(Value&& value) {
    if (open_.empty()) {
      root_ = std::forward<Value>(value);
      return &root_;
    }
    if (value_ != nullptr) {
      *value_ = std::forward<Value>(value);
      return std::exchange(value_, nullptr);
    }
    return &open_.back()->get_ref<Json::array_t&>().emplace_back(std::forward<Value>(value));
  }

  bool open(Json::value_t kind) {
    if (open_.size() == kMaxDepth) {
      throw std::invalid_argument("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.push_back(place(kind));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json& root_;
  std::vector<Json*> open_;  // objects and arrays that are not closed yet
  Json* value_ = nullptr;    // where the value of the key just read goes
};

}  // namespace

Json parse_json(std::string_view text) {
  // The library skips a byte order mark; JSON on the wire has none (RFC 8259, 8.1).
  if (text.starts_with("\xEF\xBB\xBF"))
    throw std::invalid_argument("starts with a byte order mark");
  Json root;
  DocumentBuilder builder(root);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

}  // namespace paddock::wire
