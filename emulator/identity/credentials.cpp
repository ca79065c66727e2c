// The file of --credentials: the shared credentials format of the AWS CLI, and `account = …`.
//
//   [alice]
//   aws_access_key_id = AKIAALICE
//   aws_secret_access_key = …
//   aws_session_token = …        (optional)
//   account = 111122223333       (optional; else as for unknown keys)
#include <fstream>
#include <stdexcept>

#include "core/text.hpp"
#include "identity/identity.hpp"

namespace paddock::identity {

namespace credentials_detail {

class Reader {
 public:
  Reader(std::string path, std::map<std::string, KnownKey, std::less<>>& keys)
      : path_(std::move(path)), keys_(keys) {}

  void read(std::istream& in) {
    std::string line;
    while (std::getline(in, line)) {
      ++line_;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const std::string_view text = trim(line);
      if (text.empty() || text[0] == '#' || text[0] == ';') continue;
      if (text[0] == '[') {
        begin_profile(text);
      } else {
        setting(text);
      }
    }
    end_profile();
  }

 private:
  [[noreturn]] void fail(size_t line, const std::string& what) const {
    throw std::runtime_error(path_ + ':' + std::to_string(line) + ": " + what);
  }

  void begin_profile(std::string_view text) {
    end_profile();
    if (text.size() < 3 || text.back() != ']') fail(line_, "a profile is written as [name]");
    profile_ = trim(text.substr(1, text.size() - 2));
    profile_line_ = line_;
    key_ = KnownKey();
    account_.clear();
  }

  void setting(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) fail(line_, "a setting is written as name = value");
    if (profile_line_ == 0) fail(line_, "a setting must follow a [profile]");
    const std::string_view name = trim(text.substr(0, equals));
    const std::string value(trim(text.substr(equals + 1)));
    if (name == "aws_access_key_id") {
      key_.access_key = value;
    } else if (name == "aws_secret_access_key") {
      key_.secret = value;
    } else if (name == "aws_session_token") {
      key_.session_token = value;
    } else if (name == "account") {
      if (!is_account_id(value)) fail(line_, "account must be 12 digits, not '" + value + "'");
      account_ = value;
    } else if (name != "region" && name != "output") {
      fail(line_, "unknown setting '" + std::string(name) + "'");
    }
  }

  void end_profile() {
    if (profile_line_ == 0) return;
    if (key_.access_key.empty()) fail(profile_line_, "[" + profile_ + "] lacks aws_access_key_id");
    if (key_.secret.empty()) fail(profile_line_, "[" + profile_ + "] lacks aws_secret_access_key");
    if (account_.empty()) {
      account_ = is_account_id(key_.access_key) ? key_.access_key : std::string(kDefaultAccount);
    }
    key_.principal = root_principal(account_);
    key_.principal.access_key = key_.access_key;
    const std::string name = key_.access_key;
    // "test" may be given another secret; any other key only once.
    if (!seen_.emplace(name, profile_line_).second) {
      fail(profile_line_, "the access key " + name + " was given before");
    }
    keys_.insert_or_assign(name, std::move(key_));
  }

  const std::string path_;
  std::map<std::string, KnownKey, std::less<>>& keys_;
  std::map<std::string, size_t> seen_;
  size_t line_ = 0;
  size_t profile_line_ = 0;  // 0: before the first profile
  std::string profile_;
  KnownKey key_;
  std::string account_;
};

}  // namespace credentials_detail

void Identity::load_credentials(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + ": cannot be read");
  credentials_detail::Reader(path, file_keys_).read(in);
}

}  // namespace paddock::identity
