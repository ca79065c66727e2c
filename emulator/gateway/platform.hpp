// What every service stands on: references into the Emulator, valid for the service's life.
#pragma once

#include <boost/asio/io_context.hpp>

namespace paddock {

struct Options;
class Log;
class MachineClock;
class WorldClock;
class Ids;
class Activities;
class Caller;
class WorkPool;

namespace storage {
class Database;
class Realms;
class KeyLocks;
class Blobs;
}  // namespace storage
namespace events {
class Waiters;
class Scheduler;
class LogSequencer;
class LogSources;
class Outbox;
class Timeline;
class Metrics;
struct LogSinkSlot;
}  // namespace events
namespace identity {
class Identity;
}
namespace lambda {
class Functions;
}

namespace gateway {

struct Platform {
  const Options& options;
  Log& log;
  const MachineClock& machine;
  WorldClock& world;
  Ids& ids;
  Activities& activities;
  WorkPool& work;
  storage::Database& database;
  storage::Realms& realms;
  storage::KeyLocks& locks;
  storage::Blobs& blobs;
  events::Waiters& waiters;
  events::Scheduler& scheduler;
  events::LogSequencer& sequencer;
  events::LogSources& log_sources;
  events::Outbox& outbox;
  events::Timeline& timeline;
  events::Metrics& metrics;
  events::LogSinkSlot& log_sink;
  identity::Identity& identity;
  lambda::Functions& functions;
  Caller& caller;
  // An io_context for background coroutines; runs from start to stop.
  boost::asio::io_context& background;
};

}  // namespace gateway
}  // namespace paddock
