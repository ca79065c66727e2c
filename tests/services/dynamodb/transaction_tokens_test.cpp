// The bytes of a transaction's token.
#include "services/dynamodb/transaction_tokens.hpp"

#include <gtest/gtest.h>

#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb {

namespace {

DoneTransaction token_example() {
  DoneTransaction done;
  done.expiry = WorldTime{0x0102030405};
  done.fingerprint = std::string(32, 'f');
  done.read_units = {1, 258};
  return done;
}

}  // namespace

TEST(TransactionTokens, TheBytesAreThoseOfVersionOne) {
  std::string expected("\x01\x80\0\0\x01\x02\x03\x04\x05", 9);
  expected += std::string(32, 'f');
  expected += std::string("\0\0\0\x02\0\0\0\x01\0\0\x01\x02", 12);
  EXPECT_EQ(encode_done(token_example()), expected);
}

TEST(TransactionTokens, WhatWasEncodedIsDecoded) {
  const DoneTransaction done = decode_done(encode_done(token_example()));
  EXPECT_EQ(done.expiry, token_example().expiry);
  EXPECT_EQ(done.fingerprint, token_example().fingerprint);
  EXPECT_EQ(done.read_units, token_example().read_units);
}

TEST(TransactionTokens, OtherBytesAreRefused) {
  const std::string bytes = encode_done(token_example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(decode_done(std::string_view(bytes).substr(0, size)), CorruptData) << size;
  }
  EXPECT_THROW(decode_done(bytes + "x"), CorruptData);
  std::string other = bytes;
  other[0] = 2;
  EXPECT_THROW(decode_done(other), CorruptData);
  other = bytes;
  other[41] = '\xff';  // the highest byte of the count
  EXPECT_THROW(decode_done(other), CorruptData);
}

}  // namespace paddock::services::dynamodb
