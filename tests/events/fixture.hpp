// What the tests of events/ stand on: a store in memory or in a folder, clocks, an io_context on a
// thread of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::events_test {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// How long a test waits for what must come.
inline constexpr Milliseconds kBound{20'000};

// A folder that goes with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "paddock-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string data() const { return path_ + "/data"; }

 private:
  std::string path_;
};

// One run over the store; a second one over the same folder is a restart. The world stands still.
struct World {
  explicit World(const std::string& path = "",
                 storage::Durability durability = storage::Durability::wal) {
    storage::DatabaseOptions options;
    options.path = path;
    options.durability = path.empty() ? storage::Durability::none : durability;
    database = storage::Database::open(options, log);
    realms = std::make_unique<storage::Realms>(*database);
    realm = realms->get("dynamodb", "000000000000", "us-east-1")->id;
    clock.freeze();
  }

  Log log{LogLevel::off, 2};
  MachineClock machine;
  WorldClock clock{machine};
  Activities activities;
  std::unique_ptr<storage::Database> database;
  std::unique_ptr<storage::Realms> realms;
  RealmId realm = kNoRealm;
};

// An io_context that one thread runs.
class Io {
 public:
  Io() : work_(asio::make_work_guard(context)), thread_([this] { context.run(); }) {}
  ~Io() { stop(); }
  void stop() {
    work_.reset();
    context.stop();
    if (thread_.joinable()) thread_.join();
  }
  // Runs what is queued now, by waiting for something queued after it.
  void pass() {
    std::promise<void> passed;
    asio::post(context, [&] { passed.set_value(); });
    passed.get_future().wait();
  }
  template <class T>
  std::future<T> spawn(Task<T> task) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    asio::co_spawn(IoExecutor(context.get_executor()), std::move(task),
                   [promise](std::exception_ptr error, T value) {
                     if (error) {
                       promise->set_exception(error);
                     } else {
                       promise->set_value(std::move(value));
                     }
                   });
    return future;
  }

  asio::io_context context;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace paddock::events_test
