#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/text.hpp"

namespace paddock {
namespace {

struct Flag {
  const char* name;      // "--port"; the variable is PADDOCK_PORT
  const char* argument;  // "N"; nullptr: a switch
  const char* help;
  std::function<void(Options&, const std::string&)> apply;
};

template <class Number>
Number to_number(const std::string& text, Number least, Number most) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    throw OptionError("'" + text + "' is not a number from " + std::to_string(least) + " to " +
                      std::to_string(most));
  }
  return value;
}

std::vector<std::string> to_list(const std::string& text) {
  std::vector<std::string> list;
  for (std::string_view part : split(text, ',')) {
    if (!trim(part).empty()) list.emplace_back(trim(part));
  }
  return list;
}

bool to_bool(const std::string& text) {
  if (text == "1" || text == "true" || text == "on") return true;
  if (text == "0" || text == "false" || text == "off") return false;
  throw OptionError("'" + text + "' is neither on nor off");
}

void set_durability(Options& options, const std::string& text) {
  if (text == "wal") {
    options.durability = storage::Durability::wal;
  } else if (text == "fsync") {
    options.durability = storage::Durability::fsync;
  } else {
    throw OptionError("'" + text + "' is neither wal nor fsync");
  }
}

constexpr int64_t kMostLagMs = 3'600'000;

void set_limits(Options& options, const std::string& text) {
  if (text == "off") {
    options.limits = Options::Limits::off;
  } else if (text == "observe") {
    options.limits = Options::Limits::observe;
  } else if (text == "enforce") {
    options.limits = Options::Limits::enforce;
  } else {
    throw OptionError("'" + text + "' is none of off, observe, enforce");
  }
}

void set_log(Options& options, const std::string& text) {
  static const std::pair<const char*, LogLevel> kLevels[] = {{"off", LogLevel::off},
                                                             {"error", LogLevel::error},
                                                             {"warn", LogLevel::warn},
                                                             {"info", LogLevel::info},
                                                             {"debug", LogLevel::debug}};
  for (const auto& [name, level] : kLevels) {
    if (text == name) {
      options.log_level = level;
      return;
    }
  }
  throw OptionError("'" + text + "' is none of off, error, warn, info, debug");
}

void set_isolation(Options& options, const std::string& text) {
  if (text != "thread" && text != "process") {
    throw OptionError("'" + text + "' is neither thread nor process");
  }
  options.isolate_functions = text == "process";
}

const std::vector<Flag>& flags() {
  static const std::vector<Flag> kFlags{
      {"--port", "N", "port to listen on (4566; 0 = any free one)",
       [](Options& o, const std::string& v) { o.port = to_number<uint16_t>(v, 0, 65535); }},
      {"--dynamodb-port", "N", "a second port for DynamoDB alone, any key and region the same",
       [](Options& o, const std::string& v) {
         o.dynamodb_port = to_number<uint16_t>(v, 0, 65535);
       }},
      {"--host", "A,B", "addresses to listen on (127.0.0.1,::1)",
       [](Options& o, const std::string& v) { o.hosts = to_list(v); }},
      {"--hosts", "A,B", "further host names that are ours, with all names below them",
       [](Options& o, const std::string& v) { o.own_names = to_list(v); }},
      {"--allowed-origins", "A,B", "further origins whose web pages may call",
       [](Options& o, const std::string& v) { o.allowed_origins = to_list(v); }},
      {"--data-dir", "DIR", "where everything is kept (paddock-data)",
       [](Options& o, const std::string& v) { o.data_dir = v; }},
      {"--in-memory", nullptr, "keep nothing: a fresh AWS at each start",
       [](Options& o, const std::string& v) {
         if (to_bool(v)) o.durability = storage::Durability::none;
       }},
      {"--durability", "wal|fsync", "an answer survives the process (wal) or the machine (fsync)",
       set_durability},
      {"--init", "DIR", "run the *.sh and *.py files of DIR once ready",
       [](Options& o, const std::string& v) { o.init_dir = v; }},
      {"--seed", "N", "repeatable: same requests in the same order, same answers",
       [](Options& o, const std::string& v) { o.seed = to_number<uint64_t>(v, 0, UINT64_MAX); }},
      {"--log", "LEVEL", "off, error, warn, info (default) or debug", set_log},
      {"--access-log", "on|off", "one log line per call (on)",
       [](Options& o, const std::string& v) { o.access_log = to_bool(v); }},
      {"--verify-signatures", nullptr, "refuse wrong signatures; unsigned calls are anonymous",
       [](Options& o, const std::string& v) { o.verify_signatures = to_bool(v); }},
      {"--credentials", "FILE", "known keys: a shared credentials file with account = … lines",
       [](Options& o, const std::string& v) { o.credentials_file = v; }},
      {"--io-threads", "N", "threads that serve connections (2)",
       [](Options& o, const std::string& v) { o.io_threads = to_number<size_t>(v, 1, 64); }},
      {"--work-threads", "N", "threads for work that waits for the disk (2)",
       [](Options& o, const std::string& v) { o.work_threads = to_number<size_t>(v, 1, 64); }},
      {"--functions", "N", "function runs at the same time (1000)",
       [](Options& o, const std::string& v) { o.most_functions = to_number<size_t>(v, 1, 10000); }},
      {"--limits", "off|observe|enforce", "throughput quotas: none (off), counted, or enforced",
       set_limits},
      {"--dynamodb-read-lag", "MS", "eventually consistent reads see tables as they were (0)",
       [](Options& o, const std::string& v) {
         o.dynamodb_read_lag_ms = to_number<int64_t>(v, 0, kMostLagMs);
       }},
      {"--dynamodb-index-lag", "MS", "reads of global indexes see them as they were (0)",
       [](Options& o, const std::string& v) {
         o.dynamodb_index_lag_ms = to_number<int64_t>(v, 0, kMostLagMs);
       }},
      {"--function-processes", "N", "of these, in processes of their own (100)",
       [](Options& o, const std::string& v) {
         o.most_function_processes = to_number<size_t>(v, 1, 10000);
       }},
      {"--lambda-isolation", "thread|process", "where built-in functions run (thread)",
       set_isolation},
      {"--node-modules", "DIR,DIR", "npm packages for functions, beside those installed globally",
       [](Options& o, const std::string& v) { o.node_modules = to_list(v); }},
  };
  return kFlags;
}

std::string variable_of(const Flag& flag) {
  std::string name = "PADDOCK_";
  for (const char* c = flag.name + 2; *c; ++c) {
    name += *c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  }
  return name;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view given, const std::function<std::string(const Flag&)>& name) {
  std::string best;
  size_t best_distance = given.size() / 2 + 1;
  for (const auto& flag : flags()) {
    size_t distance = edit_distance(given, name(flag));
    if (distance < best_distance) {
      best_distance = distance;
      best = name(flag);
    }
  }
  return best.empty() ? "; see paddock --help" : "; did you mean " + best + "?";
}

void apply(const Flag& flag, const std::string& shown_as, Options& options,
           const std::string& value) {
  try {
    flag.apply(options, value);
  } catch (const OptionError& error) {
    throw OptionError(shown_as + ": " + error.what());
  }
}

void apply_environment(Options& options, const std::vector<std::string>& environment) {
  for (const auto& entry : environment) {
    size_t equals = entry.find('=');
    std::string name = entry.substr(0, equals);
    if (name == "LOCALSTACK_HOST") {
      options.own_names.push_back(entry.substr(equals + 1));
      continue;
    }
    if (name == "PATH") options.search_path = entry.substr(equals + 1);
    if (!name.starts_with("PADDOCK_")) continue;
    const auto& all = flags();
    auto flag = std::find_if(all.begin(), all.end(), [&name](const Flag& candidate) {
      return variable_of(candidate) == name;
    });
    if (flag == all.end()) {
      throw OptionError("unknown variable " + name + nearest(name, variable_of));
    }
    apply(*flag, name, options, entry.substr(equals + 1));
  }
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment) {
  Options options;
  apply_environment(options, environment);
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i].substr(0, arguments[i].find('='));
    bool has_value = name.size() < arguments[i].size();
    std::string value = has_value ? arguments[i].substr(name.size() + 1) : "";
    const auto& all = flags();
    auto flag = std::find_if(all.begin(), all.end(),
                             [&name](const Flag& candidate) { return candidate.name == name; });
    if (flag == all.end()) {
      throw OptionError("unknown argument " + arguments[i] +
                        nearest(name, [](const Flag& f) { return std::string(f.name); }));
    }
    if (!flag->argument && !has_value) value = "1";
    if (flag->argument && !has_value) {
      if (i + 1 == arguments.size()) throw OptionError(name + " needs a value");
      value = arguments[++i];
    }
    apply(*flag, name, options, value);
  }
  return options;
}

std::string help_text() {
  std::string text =
      "paddock " PADDOCK_VERSION
      ": a local AWS in one process\n\n"
      "  paddock [flags]        start the server\n"
      "  paddock aws …          run the installed aws against it\n"
      "  paddock env            print exports for a shell: eval \"$(paddock env)\"\n\n"
      "Flags; each also as a variable, --data-dir as PADDOCK_DATA_DIR:\n";
  for (const auto& flag : flags()) {
    std::string left = std::string("  ") + flag.name;
    if (flag.argument) left += std::string(" ") + flag.argument;
    left.resize(std::max<size_t>(left.size() + 2, 30), ' ');
    text += left + flag.help + "\n";
  }
  return text;
}

}  // namespace paddock
