// Hostile bytes as a stored item, a number and a number key: refused with CorruptData, or read to
// something that encodes to the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/dynamodb/item.hpp"

namespace dynamodb = paddock::services::dynamodb;

namespace {

void read_whole(std::string_view bytes) {
  try {
    if (dynamodb::encode(dynamodb::decode_item(bytes)) != bytes) std::abort();
    const dynamodb::ItemView view(bytes);
    if (dynamodb::item_size(view) != dynamodb::item_size(view.decode())) std::abort();
  } catch (const dynamodb::CorruptData&) {
  }
}

void read_in_place(std::string_view bytes) {
  try {
    const dynamodb::ItemView view(bytes);
    std::string text;
    view.find("a");
    dynamodb::append_json(text, view);
  } catch (const dynamodb::CorruptData&) {
  }
}

void read_numbers(std::string_view bytes) {
  try {
    std::string_view rest = bytes;
    std::string again;
    dynamodb::Number::decode(rest).encode(again);
    if (again != bytes.substr(0, again.size())) std::abort();
  } catch (const dynamodb::CorruptData&) {
  }
  try {
    std::string_view rest = bytes;
    std::string again;
    dynamodb::Number::read_key(rest).append_key(again);
    if (again != bytes.substr(0, again.size())) std::abort();
  } catch (const dynamodb::CorruptData&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_whole(bytes);
  read_in_place(bytes);
  read_numbers(bytes);
  return 0;
}
