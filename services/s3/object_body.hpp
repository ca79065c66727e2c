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
};

// Where the bytes of `span` are. Call it while the object cannot be erased (under its key's lock).
std::vector<BodyPiece> pieces_of(const Object& object, const std::vector<Part>& parts, Span span,
                                 storage::Blobs& blobs);

// Sends them in order, read on the work pool.
Task<void> send_pieces(gateway::Platform& platform, std::shared_ptr<std::vector<BodyPiece>> pieces,
                       gateway::BodyWriter& writer);

}  // namespace paddock::services::s3
