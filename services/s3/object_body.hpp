// The body of an object on its way out.
#pragma once

#include <memory>
#include <vector>

#include "core/task.hpp"
#include "gateway/service.hpp"
#include "services/s3/model.hpp"

namespace paddock::services::s3 {

// A part of one blob, readable while this lives.
struct BodyPiece {
  storage::BlobId body;
  uint64_t offset;
  uint64_t length;
  std::shared_ptr<const void> pin;
  std::string key, counter;  // of the customer's encryption; "": none

  // At most so many bytes, `from` bytes behind the piece's beginning.
  std::string read(const storage::Blobs& blobs, uint64_t from, uint64_t most) const;
};

// Where the bytes of `span` are. Call it while the object cannot be erased (under its key's lock).
// `key`: the customer's, "" for none.
std::vector<BodyPiece> pieces_of(const Object& object, const std::vector<Part>& parts, Span span,
                                 storage::Blobs& blobs, const std::string& key = {});

// Sends them in order, read on the work pool.
Task<void> send_pieces(gateway::Platform& platform, std::shared_ptr<std::vector<BodyPiece>> pieces,
                       gateway::BodyWriter& writer);

}  // namespace paddock::services::s3
