// Rows under kSystemRealm that belong to the emulator itself (family meta, version 1):
//   kSeedKind   16 bytes, the seed, big endian: what every id derives from
//   kClockKind  the world clock's state as JSON text
#include "emulator.hpp"

#include <thread>

#include "control/control.hpp"
#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "events/log_sequencer.hpp"
#include "events/log_sink.hpp"
#include "events/log_source.hpp"
#include "events/metrics.hpp"
#include "events/outbox.hpp"
#include "events/scheduler.hpp"
#include "events/timeline.hpp"
#include "events/waiters.hpp"
#include "gateway/gateway.hpp"
#include "http/server.hpp"
#include "identity/identity.hpp"
#include "lambda/functions.hpp"
#include "storage/blobs.hpp"
#include "storage/database.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"
#include "storage/system_kinds.hpp"

namespace paddock {
namespace {

std::unique_ptr<storage::Database> open_database(const Options& options, Log& log) {
  storage::DatabaseOptions database;
  database.path = options.data_dir;
  database.durability = options.durability;
  database.log_level = options.log_level;
  return storage::Database::open(database, log);
}

// The seed lives with the data: ids go on where they were, whatever flag a restart has.
Seed load_seed(storage::Database& database, const Options& options) {
  storage::Key key(kSystemRealm, storage::kSeedKind);
  if (auto row = database.get(storage::Family::meta, key); row && row->size() == 16) {
    Seed seed;
    for (size_t i = 0; i < 8; ++i) {
      seed.high = seed.high << 8 | static_cast<unsigned char>((*row)[i]);
      seed.low = seed.low << 8 | static_cast<unsigned char>((*row)[8 + i]);
    }
    return seed;
  }
  Seed seed = options.seed ? Seed::from_number(*options.seed) : Seed::random();
  std::string row;
  storage::append_u64(row, seed.high);
  storage::append_u64(row, seed.low);
  storage::Batch batch;
  batch.put(storage::Family::meta, key, row);
  database.commit(batch);
  return seed;
}

void restore_clock(storage::Database& database, WorldClock& world) {
  auto row = database.get(storage::Family::meta, storage::Key(kSystemRealm, storage::kClockKind));
  if (!row) return;
  Json saved = Json::parse(*row);
  WorldClock::State state;
  state.offset_ms = saved.at("offset_ms").get<int64_t>();
  state.since_ms = saved.at("since_ms").get<int64_t>();
  state.speed = saved.at("speed").get<double>();
  state.high_water_ms = saved.at("high_water_ms").get<int64_t>();
  world.restore(state);
}

void save_clock(storage::Database& database, const WorldClock& world) {
  WorldClock::State state = world.state();
  Json saved = {{"offset_ms", state.offset_ms},
                {"since_ms", state.since_ms},
                {"speed", state.speed},
                {"high_water_ms", state.high_water_ms}};
  storage::Batch batch;
  batch.put(storage::Family::meta, storage::Key(kSystemRealm, storage::kClockKind), saved.dump());
  database.commit(batch);
}

lambda::FunctionsOptions functions_options(const Options& options) {
  lambda::FunctionsOptions functions;
  functions.most_concurrent = options.most_functions;
  functions.one_at_a_time = options.seed.has_value();
  functions.most_children = options.most_function_processes;
  functions.node_modules = options.node_modules;
  functions.search_path = options.search_path;
  if (options.isolate_functions) functions.isolating_program = options.program;
  if (!options.in_memory()) functions.directory = options.data_dir + "/functions";
  return functions;
}

http::ServerOptions server_options(const Options& options) {
  http::ServerOptions server;
  server.addresses = options.hosts;
  server.port = options.port;
  server.second_port = options.dynamodb_port;
  server.io_threads = options.seed ? 1 : options.io_threads;
  server.front_paths = {"/_paddock/health"};
  if (!options.in_memory()) server.tls_directory = options.data_dir + "/tls";
  return server;
}

}  // namespace

struct Emulator::Impl {
  Impl(Options given, std::span<const gateway::ServiceFactory> factories,
       std::span<const lambda::EntryPoint> table, int log_fd)
      : options(std::move(given)),
        log(options.log_level, log_fd),
        world(machine),
        database(open_database(options, log)),
        ids(load_seed(*database, options), *database),
        realms(*database),
        blobs(*database),
        waiters(world),
        scheduler(*database, realms, world, machine, activities, log),
        sequencer(*database),
        outbox(*database, realms, world, activities, log),
        metrics(*database, realms, world),
        identity(options.verify_signatures, machine, world),
        work(options.seed ? 1 : options.work_threads),
        gateway(gateway::HostRules(options.own_names, options.allowed_origins)),
        functions(functions_options(options), table, gateway, machine, world, ids, activities,
                  log_sink, timeline, log),
        platform{options,   log,       machine,     world,   ids,       activities,
                 work,      *database, realms,      locks,   blobs,     waiters,
                 scheduler, sequencer, log_sources, outbox,  timeline,  metrics,
                 log_sink,  identity,  functions,   gateway, background},
        metrics_timer(background),
        server(server_options(options), machine, log,
               [this](http::Exchange& exchange) { return gateway.handle(exchange); }) {
    restore_clock(*database, world);
    scheduler.also_due([this] { return outbox.next_due(); });
    world.on_change([this] { save_clock(*database, world); });
    if (!options.credentials_file.empty()) identity.load_credentials(options.credentials_file);
    std::vector<std::unique_ptr<gateway::Service>> services;
    for (auto factory : factories) services.push_back(factory(platform));
    gateway.attach(platform, std::move(services));
    control = std::make_unique<control::Control>(platform, gateway, server);
    gateway.set_control(control->endpoint());
    if (options.dynamodb_port) gateway.pin(server.second_port(), "dynamodb");
  }

  const Options options;
  Log log;
  MachineClock machine;
  WorldClock world;
  Activities activities;
  std::unique_ptr<storage::Database> database;
  Ids ids;
  storage::Realms realms;
  storage::KeyLocks locks;
  storage::Blobs blobs;
  events::Waiters waiters;
  events::Scheduler scheduler;
  events::LogSequencer sequencer;
  events::LogSources log_sources;
  events::Outbox outbox;
  events::Timeline timeline;
  events::Metrics metrics;
  events::LogSinkSlot log_sink;
  identity::Identity identity;
  WorkPool work;
  asio::io_context background{1};
  asio::executor_work_guard<asio::io_context::executor_type> background_work{
      background.get_executor()};
  std::thread background_thread;
  gateway::Gateway gateway;
  lambda::Functions functions;
  gateway::Platform platform;
  std::unique_ptr<control::Control> control;
  asio::steady_timer metrics_timer;
  http::Server server;
  bool running = false;

  // Sums are at most a minute behind; the clock's high water as well.
  void save_each_minute() {
    metrics_timer.expires_after(std::chrono::minutes(1));
    metrics_timer.async_wait([this](boost::system::error_code stopped) {
      if (stopped) return;
      work.post([this] {
        metrics.flush();
        save_clock(*database, world);
      });
      save_each_minute();
    });
  }
};

Emulator::Emulator(Options options, std::span<const gateway::ServiceFactory> services,
                   std::span<const lambda::EntryPoint> functions, int log_fd)
    : impl_(std::make_unique<Impl>(std::move(options), services, functions, log_fd)) {}

Emulator::~Emulator() {
  stop();
}

void Emulator::start() {
  Impl& self = *impl_;
  self.running = true;
  self.background_thread = std::thread([&self] { self.background.run(); });
  self.functions.set_endpoint("http://127.0.0.1:" + std::to_string(self.server.port()));
  self.control->run_hooks("boot");
  self.scheduler.start();
  self.outbox.start(self.background);
  self.save_each_minute();
  self.gateway.start_services();
  self.server.start();
  self.control->run_hooks("start");
  self.control->run_hooks("ready");
  self.control->set_ready();
}

// The order of DESIGN 4.1.
void Emulator::stop(std::chrono::milliseconds grace) {
  Impl& self = *impl_;
  if (!self.running) return;
  self.running = false;
  self.control->run_hooks("shutdown");
  self.server.stop_listening();
  self.gateway.stop_services();
  self.scheduler.stop();
  self.outbox.stop();
  self.functions.stop();
  self.waiters.stop();
  self.server.stop(grace);
  self.control->stop();
  self.background_work.reset();
  self.background.stop();
  self.background_thread.join();
  self.work.stop();
  try {
    self.metrics.flush();
    save_clock(*self.database, self.world);
  } catch (const storage::StorageError& error) {
    self.log.error(std::string("the clock and the newest metrics are not saved: ") + error.what());
  }
}

uint16_t Emulator::port() const {
  return impl_->server.port();
}
uint16_t Emulator::dynamodb_port() const {
  return impl_->server.second_port();
}
const gateway::Router& Emulator::router() const {
  return impl_->gateway.router();
}
gateway::Platform& Emulator::platform() {
  return impl_->platform;
}

}  // namespace paddock
