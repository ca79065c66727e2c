// Messages of event streams as bytes. The vectors were computed with a program of a few lines of
// Python (struct, zlib) from the specification's layout.
#include "wire/event_stream.hpp"

#include <gtest/gtest.h>

#include "core/digest.hpp"
#include "core/text.hpp"

namespace paddock::wire {
namespace event_stream_test {

// Every type of value.
EventMessage all_types() {
  EventMessage message;
  EventUuid uuid{};
  for (size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<uint8_t>(i);
  message.headers = {{"yes", true},
                     {"no", false},
                     {"b", int8_t{-1}},
                     {"s", int16_t{-32768}},
                     {"i", int32_t{40972}},
                     {"l", int64_t{-42}},
                     {"bytes", EventBytes{std::string("\0\1", 2)}},
                     {"text", std::string("D\xc3\xbcnn")},
                     {"t", EventTime{1'700'000'000'123}},
                     {"id", uuid}};
  message.payload = "body";
  return message;
}

std::string number(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

// A message of these headers' bytes, with right lengths and checksums.
std::string framed(const std::string& headers, const std::string& payload = "") {
  std::string bytes = number(static_cast<uint32_t>(16 + headers.size() + payload.size())) +
                      number(static_cast<uint32_t>(headers.size()));
  bytes += number(crc32(bytes));
  bytes += headers + payload;
  return bytes + number(crc32(bytes));
}

std::string refusal(const std::string& bytes) {
  EventDecoder decoder;
  decoder.add(bytes);
  try {
    return decoder.take() ? "taken" : "incomplete";
  } catch (const BadEventStream& error) {
    return error.what();
  }
}

TEST(EventMessages, HaveTheBytesOfTheSpecification) {
  EXPECT_EQ(to_hex(encode_event({})), "000000100000000005c248eb7d98c8ff");
  EventMessage payload_alone;
  payload_alone.payload = "{'foo':'bar'}";
  EXPECT_EQ(to_hex(encode_event(payload_alone)),
            "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
  EventMessage number_header = payload_alone;
  number_header.headers = {{"event-type", int32_t{40972}}};
  EXPECT_EQ(to_hex(encode_event(number_header)),
            "0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f4"
            "80a0");
  EXPECT_EQ(to_hex(encode_event(all_types())),
            "0000006f0000005b82f9b7890379657300026e6f01016202ff01730380000169040000a00c016c05ffff"
            "ffffffffffd60562797465730600020001047465787407000544c3bc6e6e0174080000018bcfe5687b02"
            "696409000102030405060708090a0b0c0d0e0f626f6479992e7e0d");
}

TEST(EventMessages, ComeBackWhateverPiecesTheyArriveIn) {
  const std::string bytes = encode_event({}) + encode_event(all_types()) + encode_event({});
  for (size_t piece : {size_t{1}, size_t{7}, size_t{64}, bytes.size()}) {
    EventDecoder decoder;
    std::vector<EventMessage> got;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      decoder.add(std::string_view(bytes).substr(at, piece));
      while (auto message = decoder.take()) got.push_back(*std::move(message));
    }
    ASSERT_EQ(got.size(), 3u) << piece;
    EXPECT_EQ(got[0], EventMessage());
    EXPECT_EQ(got[1], all_types());
    EXPECT_TRUE(decoder.at_boundary());
  }
}

TEST(EventMessages, TextIsFoundByItsName) {
  const EventMessage message = all_types();
  EXPECT_EQ(message.text("text"), "D\xc3\xbcnn");
  EXPECT_EQ(message.text("i"), "");
  EXPECT_EQ(message.text("none"), "");
}

TEST(EventMessages, EveryFlippedBitIsNoticed) {
  const std::string bytes = encode_event(all_types());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(refusal(flipped).ends_with("checksum does not match")) << bit;
  }
}

TEST(EventMessages, LengthsAreHeldAgainstTheBounds) {
  const auto prelude = [](uint32_t total, uint32_t headers) {
    const std::string lengths = number(total) + number(headers);
    return lengths + number(crc32(lengths));
  };
  EXPECT_EQ(refusal(prelude(0xffffffff, 0)), "the message is too long");
  EXPECT_EQ(refusal(prelude(kMostEventBytes + 1, 0)), "the message is too long");
  EXPECT_EQ(refusal(prelude(kMostEventBytes, 0)), "incomplete");
  EXPECT_EQ(refusal(prelude(kMostEventBytes, kMostEventHeaderBytes + 1)),
            "the headers are too long");
  EXPECT_EQ(refusal(prelude(15, 0)), "the message is shorter than its headers");
  EXPECT_EQ(refusal(prelude(0, 0)), "the message is shorter than its headers");
  EXPECT_EQ(refusal(prelude(20, 5)), "the message is shorter than its headers");
  EXPECT_EQ(refusal(std::string(11, '\xff')), "incomplete");
}

TEST(EventMessages, HeadersThatAreNoneAreRefused) {
  EXPECT_EQ(refusal(framed(std::string("\0\0", 2))), "a header has no name");
  EXPECT_EQ(refusal(framed("\x80" + std::string(128, 'n') + std::string(1, '\0'))),
            "a header's name is too long");
  EXPECT_EQ(refusal(framed("\x01n\x0a")), "a header's value is of an unknown type");
  EXPECT_EQ(refusal(framed(std::string("\x01n\0\x01n\0", 6))), "a header is there twice");
  const char* beyond = "a header goes beyond the headers' length";
  EXPECT_EQ(refusal(framed("\x05n")), beyond);
  EXPECT_EQ(refusal(framed("\x01n")), beyond);
  EXPECT_EQ(refusal(framed(std::string("\x01n\x07\0\x05text", 9), "s")), beyond);
  EXPECT_EQ(refusal(framed(std::string("\x01n\x04\0\0\0", 6))), beyond);
  EXPECT_EQ(refusal(framed("\x01n\x07\x80\x00")), beyond);
}

TEST(EventMessages, WhatIsTooLongIsNotWritten) {
  EventMessage message;
  message.headers = {{"n", std::string(kMostEventHeaderValue, 'x')}};
  EXPECT_NO_THROW(encode_event(message));
  message.headers = {{"n", std::string(kMostEventHeaderValue + 1, 'x')}};
  EXPECT_THROW(encode_event(message), BadEventStream);
  message.headers = {{std::string(kMostEventHeaderName + 1, 'n'), true}};
  EXPECT_THROW(encode_event(message), BadEventStream);
  message.headers = {{"n", true}, {"n", false}};
  EXPECT_THROW(encode_event(message), BadEventStream);
  message.headers.clear();
  for (int i = 0; i < 5; ++i) {
    message.headers.push_back({std::to_string(i), std::string(30'000, 'x')});
  }
  EXPECT_THROW(encode_event(message), BadEventStream);
  message.headers.clear();
  message.payload.resize(kMostEventBytes - 16);
  EXPECT_EQ(encode_event(message).size(), kMostEventBytes);
  message.payload += 'x';
  EXPECT_THROW(encode_event(message), BadEventStream);
}

}  // namespace event_stream_test
}  // namespace paddock::wire
