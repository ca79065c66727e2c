#include "events/log_sequencer.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "fixture.hpp"

namespace paddock::events {
namespace {

using events_test::Folder;
using events_test::kSanitized;
using events_test::World;

constexpr storage::Kind kRowKind = 0x01;

std::string log_of(RealmId realm) {
  return storage::Key(realm, kRowKind).text("shard").bytes();
}

std::string row_key(const std::string& log, uint64_t number) {
  std::string key = log;
  storage::append_u64(key, number);
  return key;
}

void write(World& world, LogSequencer& sequencer, const std::string& log, uint64_t count = 1) {
  storage::Batch batch;
  Ticket ticket = sequencer.take(log, count);
  for (uint64_t i = 0; i < count; ++i) {
    batch.put(storage::Family::log, row_key(log, ticket.first() + i), "record");
  }
  std::move(ticket).attach(batch);
  world.database->commit(batch);
}

TEST(LogSequencer, NumbersStartAtOneAndRiseByTheirCount) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  EXPECT_EQ(sequencer.readable_end(log), 1U);
  EXPECT_EQ(sequencer.take(log, 3).first(), 1U);
  EXPECT_EQ(sequencer.take(log).first(), 4U);
  EXPECT_EQ(sequencer.take(log, 10'000).first(), 5U);
  EXPECT_EQ(sequencer.take(log).first(), 10'005U);
}

TEST(LogSequencer, ReadersStopAtTheLowestOpenTicket) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  storage::Batch slow, fast;
  Ticket first = sequencer.take(log);
  Ticket second = sequencer.take(log, 2);
  fast.put(storage::Family::log, row_key(log, second.first()), "record");
  std::move(second).attach(fast);
  world.database->commit(fast);
  EXPECT_EQ(sequencer.readable_end(log), 1U);
  slow.put(storage::Family::log, row_key(log, first.first()), "record");
  std::move(first).attach(slow);
  EXPECT_EQ(sequencer.readable_end(log), 1U);
  world.database->commit(slow);
  EXPECT_EQ(sequencer.readable_end(log), 4U);
}

TEST(LogSequencer, ADroppedTicketOrBatchFreesItsNumbersUnused) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  { Ticket dropped = sequencer.take(log); }
  EXPECT_EQ(sequencer.readable_end(log), 2U);
  {
    storage::Batch batch;
    sequencer.take(log, 2).attach(batch);
    EXPECT_EQ(sequencer.readable_end(log), 2U);
  }
  EXPECT_EQ(sequencer.readable_end(log), 4U);
  EXPECT_EQ(sequencer.take(log).first(), 4U);
}

TEST(LogSequencer, ARefusedCommitFreesItsNumbers) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  {
    storage::Batch batch;
    Ticket ticket = sequencer.take(log);
    batch.put(storage::Family::log, row_key(log, ticket.first()), "record");
    std::move(ticket).attach(batch);
    world.realms->reset("", "");
    EXPECT_THROW(world.database->commit(batch), storage::DeadRealm);
  }
  EXPECT_EQ(sequencer.readable_end(log), 2U);
}

TEST(LogSequencer, ListenersHearOfEveryRise) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  std::vector<uint64_t> heard;
  sequencer.on_readable([&](const std::string& name) {
    EXPECT_EQ(name, log);
    heard.push_back(sequencer.readable_end(name));
  });
  Ticket first = sequencer.take(log);
  write(world, sequencer, log);
  EXPECT_TRUE(heard.empty());
  { Ticket dropped = std::move(first); }
  write(world, sequencer, log, 5);
  EXPECT_EQ(heard, (std::vector<uint64_t>{3, 8}));
}

TEST(LogSequencer, ARestartUsesNoNumberTwiceAndReadsAllThatWasWritten) {
  Folder folder;
  std::string log;
  {
    World world(folder.data());
    LogSequencer sequencer(*world.database);
    log = log_of(world.realm);
    for (int i = 0; i < 5000; ++i) write(world, sequencer, log);
    EXPECT_EQ(sequencer.readable_end(log), 5001U);
  }
  World world(folder.data());
  LogSequencer sequencer(*world.database);
  const uint64_t end = sequencer.readable_end(log);
  EXPECT_GE(end, 5001U);
  EXPECT_EQ(sequencer.take(log).first(), end);
}

TEST(LogSequencer, AForgottenLogKeepsItsNumbersUsed) {
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  write(world, sequencer, log, 10);
  sequencer.forget(log);
  EXPECT_GE(sequencer.take(log).first(), 11U);
}

TEST(LogSequencer, WithFsyncReadersWaitForTheDisk) {
  Folder folder;
  World world(folder.data(), storage::Durability::fsync);
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  std::promise<void> readable;
  sequencer.on_readable([&](const std::string& name) {
    if (sequencer.readable_end(name) == 2) readable.set_value();
  });
  storage::Batch batch;
  sequencer.take(log).attach(batch);
  batch.put(storage::Family::log, row_key(log, 1), "record");
  const uint64_t commit = world.database->commit(batch);
  readable.get_future().wait();
  EXPECT_GE(world.database->durable(), commit);
}

// The reader of the log reads up to the watermark again and again, and must find every record.
TEST(LogSequencer, SixteenWritersAndOneReaderSkipNoRecord) {
  constexpr size_t kWriters = 16;
  constexpr size_t kRecords = kSanitized ? 32'000 : 1'000'000;
  World world;
  LogSequencer sequencer(*world.database);
  const std::string log = log_of(world.realm);
  std::atomic<bool> done{false};
  std::vector<std::thread> writers;
  for (size_t w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (size_t i = 0; i < kRecords / kWriters; ++i) {
        // Now and then a ticket is given up, as by a failed condition.
        if (i % 1000 == w) sequencer.take(log);
        write(world, sequencer, log);
      }
    });
  }
  uint64_t position = 1;
  size_t read = 0;
  size_t out_of_order = 0;
  std::thread reader([&] {
    while (true) {
      const bool last = done.load();
      const uint64_t end = sequencer.readable_end(log);
      uint64_t before = 0;
      auto row =
          world.database->iterate(storage::Family::log, row_key(log, position), row_key(log, end));
      for (; row.valid(); row.next()) {
        storage::KeyReader key(row.key());
        key.text();
        const uint64_t number = key.u64();
        out_of_order += number <= before;
        before = number;
        ++read;
      }
      position = end;
      if (last) return;
    }
  });
  for (auto& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(read, kRecords);
  EXPECT_EQ(out_of_order, 0U);
}

}  // namespace
}  // namespace paddock::events
