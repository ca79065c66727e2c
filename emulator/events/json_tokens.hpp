// JSON text as a stream of tokens that knows where it stands. Services whose messages tell line and
// column of what they refuse (SNS, EventBridge) read their patterns through it.
//
// Positions and words are those of Jackson, the parser behind those services, as their recorded
// messages show them: a string is read up to its opening quote until its text is asked for, and a
// name is read together with the beginning of its value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paddock::events {

// The text is no JSON. what() is the parser's sentence without the place.
class JsonTokenError : public std::runtime_error {
 public:
  JsonTokenError(const std::string& message, size_t at_line, size_t at_column)
      : std::runtime_error(message), line(at_line), column(at_column) {}
  const size_t line, column;  // from 1
};

// Reads one value; not thread-safe. The text must outlive it.
class JsonTokens {
 public:
  static constexpr size_t kMostDepth = 128;

  enum class Kind : uint8_t {
    begin_object,
    end_object,
    begin_array,
    end_array,
    name,
    string,
    number,
    true_,
    false_,
    null,
    end
  };

  explicit JsonTokens(std::string_view text) : text_(text) {}

  // The next token. Throws JsonTokenError.
  Kind next();
  // The text of the name, string, number or word that `next` gave. For a string it reads the rest.
  const std::string& text();
  // Of the number that `next` gave.
  double number() const { return number_; }

  size_t line() const { return line_; }
  size_t column() const { return at_ - line_start_ + 1; }

 private:
  Kind value();
  Kind name();
  Kind close(char bracket);
  Kind read_number();
  Kind read_word();
  void read_string();
  void read_escape();
  uint32_t hex4();
  void finish_string();
  void skip_space();
  bool ends_value() const;
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void unexpected(const std::string& expected) const;
  [[noreturn]] void cut_off(const std::string& where) const;

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t line_start_ = 0;
  std::string open_;          // the brackets around the place: "{["
  bool first_ = true;         // nothing read since the innermost bracket
  bool started_ = false;      // the value has begun
  bool has_pending_ = false;  // the value of the name that was given last
  Kind pending_ = Kind::end;
  Kind last_ = Kind::end;
  bool unread_string_ = false;
  std::string token_;
  std::string value_text_;  // the text of a number or word that waits behind its name
  double number_ = 0;
};

}  // namespace paddock::events
