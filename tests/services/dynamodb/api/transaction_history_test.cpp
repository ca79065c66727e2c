// Many clients at once: transactions are serialisable, and a hot item loses nothing.
#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "history.hpp"
#include "transactions_fixture.hpp"

namespace paddock::testing {

namespace {

constexpr size_t kBankTables = 5;
constexpr size_t kAccountsPerTable = 8;
constexpr size_t kAccounts = kBankTables * kAccountsPerTable;
constexpr int kStartMoney = 100;

struct Account {
  uint64_t version = 0;
  int money = 0;
};

HistoryEvent history_event(uint64_t began, uint64_t ended,
                           std::vector<HistoryEvent::Access> accesses) {
  HistoryEvent event;
  event.began = began;
  event.ended = ended;
  event.accesses = std::move(accesses);
  return event;
}

}  // namespace

TEST(HistoryTest, ASerialHistoryHasNoFault) {
  History history;
  history.add(history_event(1, 2, {{0, 0, true}, {1, 0, true}}));
  history.add(history_event(3, 4, {{0, 1, false}, {1, 1, true}}));
  history.add(history_event(5, 6, {{0, 1, false}, {1, 2, false}}));
  EXPECT_EQ(history.fault(), "");
}

TEST(HistoryTest, TornSnapshotsLostUpdatesAndSkewAreFound) {
  History torn;
  torn.add(history_event(1, 9, {{0, 0, true}, {1, 0, true}}));
  torn.add(history_event(2, 8, {{0, 1, false}, {1, 0, false}}));
  EXPECT_NE(torn.fault(), "");
  History lost;
  lost.add(history_event(1, 9, {{0, 0, true}}));
  lost.add(history_event(2, 8, {{0, 0, true}}));
  EXPECT_NE(lost.fault(), "");
  History skew;
  skew.add(history_event(1, 9, {{0, 0, true}, {1, 0, false}}));
  skew.add(history_event(2, 8, {{0, 0, false}, {1, 0, true}}));
  EXPECT_NE(skew.fault(), "");
  History dirty;
  dirty.add(history_event(1, 2, {{0, 3, false}}));
  EXPECT_NE(dirty.fault(), "");
  History stale;
  stale.add(history_event(1, 2, {{0, 0, true}}));
  stale.add(history_event(3, 4, {{0, 0, false}}));
  EXPECT_NE(stale.fault(), "");
}

class TransactionHistoryTest : public TransactionsTest {
 protected:
  void SetUp() override {
    for (size_t table = 0; table < kBankTables; ++table) {
      ok("CreateTable", simple_table("bank" + std::to_string(table)));
    }
    for (size_t account = 0; account < kAccounts; ++account) {
      put(table_of(account), {{"pk", s(name_of(account))},
                              {"version", n("0")},
                              {"money", n(std::to_string(kStartMoney))}});
    }
  }
  static std::string table_of(size_t account) {
    return "bank" + std::to_string(account % kBankTables);
  }
  static std::string name_of(size_t account) { return std::to_string(account / kBankTables); }
  static Json members(size_t account) {
    return {{"TableName", table_of(account)}, {"Key", {{"pk", s(name_of(account))}}}};
  }

  // The accounts in one snapshot, which becomes an event of the history.
  std::vector<Account> look(const std::vector<size_t>& which) {
    Json actions = Json::array();
    for (const size_t account : which) actions.push_back({{"Get", members(account)}});
    HistoryEvent event;
    event.began = ++moment_;
    const CallResult result = read(actions);
    event.ended = ++moment_;
    EXPECT_TRUE(result.ok()) << result.text;
    std::vector<Account> seen;
    if (!result.ok()) return std::vector<Account>(which.size());
    for (size_t i = 0; i < which.size(); ++i) {
      const Json& item = result.body.at("Responses").at(i).at("Item");
      Account account;
      account.version = std::stoull(item.at("version").at("N").get<std::string>());
      account.money = std::stoi(item.at("money").at("N").get<std::string>());
      event.accesses.push_back({which[i], account.version, false});
      seen.push_back(account);
    }
    history_.add(std::move(event));
    return seen;
  }

  // One unit of money from the first account to the second, if these and the third are still as
  // they were seen.
  void transfer(const std::vector<size_t>& which, const std::vector<Account>& seen) {
    Json actions = Json::array();
    HistoryEvent event;
    for (size_t i = 0; i < which.size(); ++i) {
      Json action = members(which[i]);
      action["ConditionExpression"] = "version = :seen";
      action["ExpressionAttributeValues"] = {{":seen", n(std::to_string(seen[i].version))}};
      const bool writes = i < 2;
      if (writes) {
        action["UpdateExpression"] = "SET version = :next, money = :money";
        action["ExpressionAttributeValues"][":next"] = n(std::to_string(seen[i].version + 1));
        action["ExpressionAttributeValues"][":money"] =
            n(std::to_string(seen[i].money + (i == 0 ? -1 : 1)));
      }
      actions.push_back({{writes ? "Update" : "ConditionCheck", action}});
      event.accesses.push_back({which[i], seen[i].version, writes});
    }
    event.began = ++moment_;
    const CallResult result = write(actions);
    event.ended = ++moment_;
    if (result.ok()) {
      ++transfers_;
      history_.add(std::move(event));
      return;
    }
    const std::string codes = cancelled(result);
    EXPECT_NE(codes.find("ConditionalCheckFailed"), std::string::npos) << codes;
  }

  void run_client(uint64_t seed, int rounds) {
    std::mt19937_64 random(seed);
    std::vector<size_t> all(kAccounts);
    for (size_t i = 0; i < kAccounts; ++i) all[i] = i;
    for (int round = 0; round < rounds; ++round) {
      std::vector<size_t> which = all;
      std::shuffle(which.begin(), which.end(), random);
      which.resize(3);
      transfer(which, look(which));
    }
    int money = 0;
    for (const Account& account : look(all)) money += account.money;
    EXPECT_EQ(money, static_cast<int>(kAccounts) * kStartMoney) << "a snapshot was torn";
  }

  History history_;
  std::atomic<uint64_t> moment_{0};
  std::atomic<int> transfers_{0};
};

TEST_F(TransactionHistoryTest, TwoHundredClientsAreSerialisable) {
  constexpr int kClients = 200;
  constexpr int kRounds = 3;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([this, client] { run_client(static_cast<uint64_t>(client), kRounds); });
  }
  for (auto& client : clients) client.join();
  EXPECT_GT(transfers_, 0);
  EXPECT_EQ(history_.size(),
            static_cast<size_t>(kClients * (kRounds + 1)) + static_cast<size_t>(transfers_));
  EXPECT_EQ(history_.fault(), "");
}

TEST_F(TransactionHistoryTest, AHotItemLosesNothing) {
  constexpr int kWriters = 16;
  constexpr int kWrites = 25;
  Json update = members(0);
  update["UpdateExpression"] = "ADD hits :one";
  update["ExpressionAttributeValues"] = {{":one", n("1")}};
  std::mutex mutex;
  std::set<std::string> counts;  // that single writers were given
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      Json single = update;
      single["ReturnValues"] = "UPDATED_NEW";
      for (int i = 0; i < kWrites; ++i) {
        if (writer % 2) {
          const CallResult result = write(list(Json{{"Update", update}}));
          EXPECT_TRUE(result.ok()) << result.text;
          continue;
        }
        const CallResult result = call("UpdateItem", single);
        ASSERT_TRUE(result.ok()) << result.text;
        const std::lock_guard lock(mutex);
        counts.insert(result.body["Attributes"]["hits"]["N"].get<std::string>());
      }
    });
  }
  for (auto& writer : writers) writer.join();
  const Json stored = get(table_of(0), {{"pk", s(name_of(0))}})["Item"];
  EXPECT_EQ(stored["hits"], n(std::to_string(kWriters * kWrites)));
  EXPECT_EQ(counts.size(), static_cast<size_t>(kWriters / 2 * kWrites)) << "a count came twice";
}

}  // namespace paddock::testing
