// Kinds of the rows under kSystemRealm, family meta: the emulator's own.
#pragma once

#include "storage/keys.hpp"

namespace paddock::storage {

inline constexpr Kind kFormatKind = 1;      // format version, see open.cpp
inline constexpr Kind kRealmKind = 2;       // realm directory, see realms.hpp
inline constexpr Kind kCounterKind = 3;     // Database::reserve, see counters.cpp
inline constexpr Kind kBlobIntentKind = 4;  // blobs no row owns, see blobs.cpp
inline constexpr Kind kClockKind = 5;       // world clock: see emulator.cpp
inline constexpr Kind kSeedKind = 6;        // seed of all ids: see emulator.cpp
inline constexpr Kind kSnsKeyKind = 7;      // key that signs notifications: services/sns/signer

// Their first field is a u32 realm id: they go with their realm when it is reset.
inline constexpr Kind kKindsOfARealm[] = {kRealmKind, kCounterKind, kBlobIntentKind};

}  // namespace paddock::storage
