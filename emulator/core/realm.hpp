// A realm is what one service keeps for one account in one region; its id starts every key
// (DESIGN 4.4). Ids are given by storage::Realms and never used twice.
#pragma once

#include <cstdint>
#include <string>

namespace paddock {

using RealmId = uint32_t;

// The emulator's own rows: realm directory, clock, counters.
inline constexpr RealmId kSystemRealm = 0;
// What a read uses when nothing was ever written there: no row has it.
inline constexpr RealmId kNoRealm = 0xFFFFFFFF;

// The region of services that have none (IAM).
inline constexpr const char* kGlobalRegion = "global";

struct Realm {
  RealmId id = kNoRealm;
  std::string service;  // model name: "dynamodb", "lambda", "iam" …
  std::string account;  // 12 digits
  std::string region;
};

}  // namespace paddock
