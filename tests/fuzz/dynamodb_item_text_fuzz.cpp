// Hostile text as an item of a request: what is read in place is what a document of the same text
// holds, and a document refuses nothing that was read in place.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/item_text.hpp"
#include "wire/codec.hpp"
#include "wire/json_document.hpp"

namespace dynamodb = paddock::services::dynamodb;
namespace wire = paddock::wire;

namespace {

dynamodb::Item item_of_document(std::string_view text) {
  const auto* operation = paddock::models::dynamodb.find("PutItem");
  const wire::Shape& shape = *operation->input->find("Item")->shape;
  paddock::Json document = wire::parse_json(text);
  wire::read_json({paddock::models::dynamodb, wire::Wording::token}, shape, document);
  return dynamodb::item_from_document(document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A text of its own, so that reading beyond its end is noticed.
  const std::string text(reinterpret_cast<const char*>(data), size);
  wire::JsonScan in(text);
  dynamodb::Item item;
  if (!dynamodb::read_item(in, item) || !in.finish()) return 0;
  if (dynamodb::encode(item) != dynamodb::encode(item_of_document(text))) std::abort();
  wire::JsonScan again(text);
  std::string image;
  // An image of very many attributes is left to the document.
  if (dynamodb::read_image(again, image) && image != dynamodb::encode(item)) std::abort();
  return 0;
}
