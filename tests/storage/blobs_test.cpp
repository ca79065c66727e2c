#include "storage/blobs.hpp"

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "storage/realms.hpp"
#include "storage/system_kinds.hpp"
#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

class BlobsTest : public StoreTest, public ::testing::WithParamInterface<Durability> {
 protected:
  void SetUp() override {
    database_ = open(GetParam());
    blobs_.emplace(*database_);
  }
  void TearDown() override { blobs_.reset(); }

  // Noise, in blocks that differ by their number.
  static std::string body(size_t bytes) {
    constexpr size_t kBlock = 4096;
    std::mt19937_64 random(bytes);
    std::string block(kBlock, '\0');
    for (char& byte : block) {
      byte = static_cast<char>(random());
    }
    std::string out;
    out.reserve(bytes + kBlock);
    for (uint64_t number = 0; out.size() < bytes; ++number) {
      block.replace(0, sizeof number, reinterpret_cast<const char*>(&number), sizeof number);
      out.append(block);
    }
    out.resize(bytes);
    return out;
  }
  // Writes a body in chunks and the row that names it.
  BlobId store(const std::string& bytes, uint64_t expected_bytes = 0, size_t chunk = 100000,
               RealmId realm = kTestRealm) {
    BlobWriter writer = blobs_->create(realm, expected_bytes);
    for (size_t at = 0; at < bytes.size(); at += chunk) {
      writer.append(std::string_view(bytes).substr(at, chunk));
    }
    Batch batch;
    const BlobId id = writer.seal(batch);
    batch.put(Family::rows, Key(realm, kTestKind).u64(1), id.encode());
    database_->commit(batch);
    return id;
  }
  void erase(const BlobId& id) {
    Batch batch;
    blobs_->erase(id, batch);
    batch.erase(Family::rows, test_key(1));
    database_->commit(batch);
  }
  size_t rows(Family family, std::string_view prefix) {
    size_t count = 0;
    for (Iterator row = database_->iterate_prefix(family, prefix); row.valid(); row.next()) {
      ++count;
    }
    return count;
  }
  size_t pieces() {
    std::string prefix;
    append_u32(prefix, kTestRealm);
    return rows(Family::blobs, prefix);
  }
  size_t intents() { return rows(Family::meta, Key(kSystemRealm, kBlobIntentKind)); }

  std::unique_ptr<Database> database_;
  std::optional<Blobs> blobs_;
};

INSTANTIATE_TEST_SUITE_P(, BlobsTest, ::testing::Values(Durability::none, Durability::wal),
                         [](const auto& info) {
                           return info.param == Durability::none ? "InMemory" : "OnDisk";
                         });

TEST_P(BlobsTest, GiveBackBodiesOfEverySize) {
  for (size_t bytes :
       {size_t{0}, size_t{1}, Blobs::kInlineMax, Blobs::kInlineMax + 1, Blobs::kPiece - 1,
        Blobs::kPiece, Blobs::kPiece + 1, Blobs::kIngestMin - 1, Blobs::kIngestMin,
        Blobs::kIngestMin + 1, Blobs::kIngestMin + 3 * Blobs::kPiece + 5}) {
    for (uint64_t expected_bytes : {uint64_t{0}, uint64_t{bytes}}) {
      const std::string whole = body(bytes);
      const BlobId id = store(whole, expected_bytes);
      EXPECT_EQ(id.size, bytes);
      EXPECT_EQ(id.number == 0, bytes <= Blobs::kInlineMax);
      EXPECT_EQ(id.inline_bytes.size(), bytes <= Blobs::kInlineMax ? bytes : 0);
      // As a reader finds it: in the row.
      const BlobId named = BlobId::decode(*database_->get(Family::rows, test_key(1)));
      EXPECT_EQ(blobs_->read(named, 0, bytes + 1), whole) << bytes;
      EXPECT_EQ(intents(), 0u);
    }
  }
}

TEST_P(BlobsTest, GiveBackAnyPart) {
  const std::string whole = body(3 * Blobs::kPiece + 100);
  const BlobId id = store(whole);
  for (const auto& [offset, length] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1},
           {Blobs::kPiece - 1, 2},
           {Blobs::kPiece, Blobs::kPiece},
           {10, 2 * Blobs::kPiece},
           {3 * Blobs::kPiece + 99, 10},
           {5, 0},
       }) {
    EXPECT_EQ(blobs_->read(id, offset, length), whole.substr(offset, length));
  }
  EXPECT_EQ(blobs_->read(id, whole.size(), 1), "");
  EXPECT_EQ(blobs_->read(id, ~uint64_t{0}, ~uint64_t{0}), "");
  EXPECT_EQ(blobs_->read(id, 1, ~uint64_t{0}), whole.substr(1));
}

TEST_P(BlobsTest, DoNotDependOnHowABodyWasCut) {
  const std::string whole = body(Blobs::kIngestMin + 12345);
  for (size_t chunk : {size_t{4096}, Blobs::kPiece, Blobs::kPiece + 1, whole.size()}) {
    const BlobId id = store(whole, 0, chunk);
    EXPECT_EQ(blobs_->read(id, 0, whole.size()), whole);
  }
}

TEST_P(BlobsTest, FreeWhatIsErased) {
  for (size_t bytes : {size_t{100000}, Blobs::kIngestMin + 100, 3 * Blobs::kIngestMin}) {
    const BlobId id = store(body(bytes), bytes);
    EXPECT_GT(pieces(), 0u);
    erase(id);
    blobs_->wait_swept();
    EXPECT_EQ(pieces(), 0u);
    EXPECT_EQ(intents(), 0u);
    EXPECT_THROW(blobs_->read(id, 0, 1), StorageError);
  }
}

TEST_P(BlobsTest, KeepWhatIsErasedWhilePinned) {
  const std::string whole = body(300000);
  const BlobId id = store(whole);
  auto pin = blobs_->pin(id);
  auto second_pin = blobs_->pin(id);
  erase(id);
  pin.reset();
  blobs_->wait_swept();
  EXPECT_EQ(blobs_->read(id, 0, whole.size()), whole);
  second_pin.reset();
  blobs_->wait_swept();
  EXPECT_EQ(pieces(), 0u);
  EXPECT_EQ(intents(), 0u);
}

TEST_P(BlobsTest, KeepWhatWasPinnedAndNotErased) {
  const std::string whole = body(300000);
  const BlobId id = store(whole);
  blobs_->pin(id).reset();
  blobs_->wait_swept();
  EXPECT_EQ(blobs_->read(id, 0, whole.size()), whole);
}

TEST_P(BlobsTest, FreeWhatIsDroppedUnsealed) {
  for (uint64_t expected_bytes : {uint64_t{0}, uint64_t{Blobs::kIngestMin}}) {
    {
      BlobWriter writer = blobs_->create(kTestRealm, expected_bytes);
      writer.append(body(Blobs::kIngestMin + 300000));
      EXPECT_EQ(intents(), 1u);
    }
    blobs_->wait_swept();
    EXPECT_EQ(pieces(), 0u);
    EXPECT_EQ(intents(), 0u);
  }
}

TEST_P(BlobsTest, FreeWhatWasSealedIntoABatchThatNeverCommits) {
  {
    Batch batch;
    {
      BlobWriter writer = blobs_->create(kTestRealm);
      writer.append(body(300000));
      writer.seal(batch);
    }
    blobs_->wait_swept();
    EXPECT_GT(pieces(), 0u) << "the batch may commit yet";
  }
  blobs_->wait_swept();
  EXPECT_EQ(pieces(), 0u);
  EXPECT_EQ(intents(), 0u);
}

TEST_P(BlobsTest, GoWithTheirRealm) {
  Realms realms(*database_);
  const auto realm = realms.get("s3", "000000000000", "us-east-1");
  BlobWriter unsealed = blobs_->create(realm->id);
  unsealed.append(body(300000));
  const BlobId id = store(body(400000), 0, 100000, realm->id);
  realms.reset("s3", "");
  EXPECT_EQ(rows(Family::blobs, Key(realm->id, kTestKind)), 0u);
  EXPECT_EQ(intents(), 0u);
  EXPECT_THROW(unsealed.append(body(300000)), DeadRealm);
  Batch batch;
  blobs_->erase(id, batch);
  EXPECT_THROW(database_->commit(batch), DeadRealm);
}

TEST_P(BlobsTest, RefuseReferencesThatAreDamaged) {
  const std::string good = store(body(300000)).encode();
  EXPECT_EQ(BlobId::decode(good).size, 300000u);
  EXPECT_THROW(BlobId::decode(""), StorageError);
  EXPECT_THROW(BlobId::decode(good.substr(0, good.size() - 1)), StorageError);
  EXPECT_THROW(BlobId::decode(good + "x"), StorageError);
  EXPECT_THROW(BlobId::decode("\x02" + good.substr(1)), StorageError);
}

TEST(BlobId, HasThisVector) {
  BlobId id;
  id.realm = 0x01020304;
  id.size = 2;
  id.inline_bytes = "hi";
  const std::string expected("\x01\x01\x02\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02hi", 23);
  EXPECT_EQ(id.encode(), expected);
  const BlobId back = BlobId::decode(expected);
  EXPECT_EQ(back.realm, id.realm);
  EXPECT_EQ(back.number, 0u);
  EXPECT_EQ(back.inline_bytes, "hi");
}

class BlobsAfterACrash : public StoreTest {};

TEST_F(BlobsAfterACrash, HaveTheirOrphansFreedAtOpen) {
  // A copy of the store taken while bodies are on their way stands for a killed process.
  const std::string copy_path = directory_.path("copy");
  BlobId kept;
  const std::string bytes(400000, 'b');
  {
    const auto database = open();
    Blobs blobs(*database);
    const auto store = [&](RealmId realm) {
      BlobWriter writer = blobs.create(realm);
      writer.append(bytes);
      Batch batch;
      const BlobId id = writer.seal(batch);
      database->commit(batch);
      return id;
    };
    kept = store(kTestRealm);
    const BlobId erased = store(kTestRealm);
    const auto pin = blobs.pin(erased);
    Batch batch;
    blobs.erase(erased, batch);
    database->commit(batch);
    BlobWriter unsealed = blobs.create(kTestRealm);
    unsealed.append(bytes);
    BlobWriter ingesting = blobs.create(kTestRealm, Blobs::kIngestMin);
    ingesting.append(bytes);
    Batch never_committed;
    ingesting.seal(never_committed);
    database->checkpoint(copy_path);
  }
  const auto database = open(copy_path);
  const auto pieces = [&] {
    size_t count = 0;
    for (Iterator row = database->iterate(Family::blobs, {}, {}); row.valid(); row.next()) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(pieces(), 7u);  // of the unsealed one only the full piece
  Blobs blobs(*database);
  EXPECT_EQ(pieces(), 2u);
  EXPECT_EQ(blobs.read(kept, 0, kept.size), bytes);
  const Key intents(kSystemRealm, kBlobIntentKind);
  EXPECT_FALSE(database->iterate_prefix(Family::meta, intents).valid());
  // Numbers go on behind those of the lost bodies.
  BlobWriter writer = blobs.create(kTestRealm);
  writer.append(bytes);
  Batch batch;
  EXPECT_GT(writer.seal(batch).number, kept.number + 3);
}

}  // namespace
}  // namespace paddock::storage
