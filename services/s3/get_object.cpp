// GetObject, HeadObject and GetObjectAttributes.
#include <algorithm>

#include "core/cipher.hpp"
#include "core/text.hpp"
#include "services/s3/access.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_body.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace reading {

// What a request reads of an object.
struct Selection {
  Span span;
  bool partial = false;
  const Part* part = nullptr;
};

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, conditional requests.
void check_conditions(const Json& input, const Object& object) {
  const int64_t modified = shown_time(object.modified);
  const auto refuse_unchanged = [&object] {
    return errors::not_modified()
        .with_header("ETag", quoted_etag(object.etag))
        .with_header("Last-Modified", http_date(object.modified.ms));
  };
  if (const auto match = input.find(members::IfMatch); match != input.end()) {
    if (!etag_matches(match->get_ref<const std::string&>(), object.etag)) {
      throw errors::precondition_failed("If-Match");
    }
  } else if (const auto since = input.find(members::IfUnmodifiedSince); since != input.end()) {
    if (modified > since->get<int64_t>()) throw errors::precondition_failed("If-Unmodified-Since");
  }
  if (const auto none = input.find(members::IfNoneMatch); none != input.end()) {
    if (etag_matches(none->get_ref<const std::string&>(), object.etag)) throw refuse_unchanged();
  } else if (const auto since = input.find(members::IfModifiedSince); since != input.end()) {
    if (modified <= since->get<int64_t>()) throw refuse_unchanged();
  }
}

Selection select(const Json& input, const Object& object, const std::vector<Part>& parts) {
  Selection selection;
  selection.span = {0, object.size};
  const std::string range = text_of(input, members::Range);
  if (const auto number = input.find(members::PartNumber); number != input.end()) {
    if (!range.empty()) {
      throw errors::invalid_request(
          "Cannot specify both Range header and partNumber query parameter");
    }
    const auto wanted = number->get<uint32_t>();
    const size_t count = std::max<size_t>(1, parts.size());
    if (wanted > count) throw errors::invalid_part_number(wanted, count);
    selection.partial = true;
    if (!parts.empty()) {
      for (uint32_t i = 0; i + 1 < wanted; i++) selection.span.offset += parts[i].size;
      selection.part = &parts[wanted - 1];
      selection.span.length = selection.part->size;
    }
    return selection;
  }
  const RangeOutcome outcome = parse_range(range, object.size, selection.span);
  if (outcome == RangeOutcome::unsatisfiable) throw errors::invalid_range(range, object.size);
  selection.partial = outcome == RangeOutcome::part;
  return selection;
}

void show_facts(const Object& object, Json& output) {
  output[members::ContentType] = "binary/octet-stream";
  if (object.facts.empty()) return;
  const Json facts = Json::parse(object.facts);
  for (const auto& [name, value] : facts.get_ref<const Json::object_t&>()) {
    if (name == kUploadFact || name == kCounterFact || name == kOwnerFact || name == kAclFact) {
      continue;
    }
    if (name == kTagsFact) {
      if (!value.empty()) output[members::TagCount] = value.size();
    } else if (name == members::Metadata) {
      Json& metadata = output[members::Metadata] = Json::object();
      for (const auto& [key, text] : value.get_ref<const Json::object_t&>()) {
        metadata[key] = header_safe(text.get_ref<const std::string&>());
      }
    } else {
      output[name] = value;
    }
  }
}

void override_headers(const Json& input, Json& output) {
  static const std::pair<const char*, const char*> kOverrides[] = {
      {members::ResponseCacheControl, members::CacheControl},
      {members::ResponseContentDisposition, members::ContentDisposition},
      {members::ResponseContentEncoding, members::ContentEncoding},
      {members::ResponseContentLanguage, members::ContentLanguage},
      {members::ResponseContentType, members::ContentType},
      {members::ResponseExpires, members::Expires},
  };
  for (const auto& [given, shown] : kOverrides) {
    const auto value = input.find(given);
    if (value == input.end()) continue;
    output[shown] = value->is_number() ? Json(http_date(value->get<int64_t>())) : *value;
  }
}

// The head of an answer to GetObject or HeadObject.
Json head_of(const Bucket& bucket, const Json& input, const Object& object,
             const Selection& selection) {
  Json output = {{members::AcceptRanges, "bytes"},
                 {members::ETag, quoted_etag(object.etag)},
                 {members::LastModified, shown_time(object.modified)},
                 {members::ContentLength, selection.span.length}};
  show_facts(object, output);
  show_encryption(object.facts, output);
  override_headers(input, output);
  if (!object.storage_class.empty()) output[members::StorageClass] = object.storage_class;
  if (requester_pays(bucket) && input.contains(members::RequestPayer)) {
    output[members::RequestCharged] = "requester";
  }
  if (bucket.versioning != Versioning::off) output[members::VersionId] = object.shown_version();
  if (input.contains(members::PartNumber) && object.parts > 0) {
    output[members::PartsCount] = object.parts;
  }
  if (selection.partial && selection.span.length > 0) {
    output[members::ContentRange] =
        "bytes " + std::to_string(selection.span.offset) + "-" +
        std::to_string(selection.span.offset + selection.span.length - 1) + "/" +
        std::to_string(object.size);
  }
  if (!text_of(input, members::ChecksumMode).empty()) {
    const bool whole = !selection.partial || selection.span.length == object.size;
    if (selection.part != nullptr) {
      Checksum checksum{object.checksum.algorithm, false, selection.part->checksum};
      if (!checksum.bytes.empty()) {
        show_checksum(checksum, 0, output);
        output[members::ChecksumType] = object.checksum.type();
      }
    } else if (whole) {
      show_checksum(object.checksum, object.parts, output);
    }
  }
  return output;
}

int status_of(const Selection& selection) {
  return selection.partial ? 206 : 0;
}

}  // namespace reading

std::vector<BodyPiece> pieces_of(const Object& object, const std::vector<Part>& parts, Span span,
                                 storage::Blobs& blobs, const std::string& key) {
  std::vector<BodyPiece> pieces;
  const auto add = [&](const storage::BlobId& body, uint64_t start, const std::string& counter) {
    const uint64_t end = start + body.size;
    const uint64_t first = std::max(start, span.offset);
    const uint64_t last = std::min(end, span.offset + span.length);
    if (first >= last) return;
    pieces.push_back({body, first - start, last - first, blobs.pin(body),
                      counter.empty() ? std::string() : key, counter});
  };
  if (object.parts == 0) add(object.body, 0, key.empty() ? "" : counter_of(object.facts));
  uint64_t start = 0;
  for (const Part& part : parts) {
    add(part.body, start, part.counter);
    start += part.size;
  }
  return pieces;
}

std::string BodyPiece::read(const storage::Blobs& blobs, uint64_t from, uint64_t most) const {
  std::string bytes = blobs.read(body, offset + from, most);
  if (key.empty()) return bytes;
  return Aes256Counter(key, counter, offset + from).apply(bytes);
}

Task<gateway::Output> S3::get_object(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  const CustomerKey encryption = customer_key(input);
  Object object;
  std::vector<BodyPiece> pieces;
  std::vector<Part> parts;
  reading::Selection selection;
  {
    // Under the lock, so that what is read cannot be erased before it is pinned.
    const auto lock = lock_key(*bucket, key);
    object = readable(*bucket, key, text_of(input, members::VersionId));
    check_key(object.facts, encryption);
    if (object.parts > 0) parts = store_.object_parts(*bucket, object.order);
    reading::check_conditions(input, object);
    selection = reading::select(input, object, parts);
    pieces = pieces_of(object, parts, selection.span, platform_.blobs, encryption.key);
  }
  Json answer = reading::head_of(*bucket, input, object, selection);
  if (!input.contains(members::VersionId)) show_expiration(*bucket, key, object, answer);
  gateway::BodyStream body(std::move(answer));
  if (pieces.size() <= 1 && selection.span.length <= storage::Blobs::kPiece) {
    if (!pieces.empty()) {
      body.bytes = pieces[0].read(platform_.blobs, 0, pieces[0].length);
    }
  } else {
    auto shared = std::make_shared<std::vector<BodyPiece>>(std::move(pieces));
    body.run = [this, shared](gateway::BodyWriter& writer) {
      return send_pieces(platform_, shared, writer);
    };
  }
  Output output(std::move(body));
  output.status = reading::status_of(selection);
  co_return output;
}

Task<void> send_pieces(gateway::Platform& platform, std::shared_ptr<std::vector<BodyPiece>> pieces,
                       gateway::BodyWriter& writer) {
  constexpr uint64_t kRead = 1024 * 1024;
  for (BodyPiece& piece : *pieces) {
    for (uint64_t done = 0; done < piece.length;) {
      const uint64_t wanted = std::min(kRead, piece.length - done);
      auto work = [&platform, &piece, done, wanted] {
        return piece.read(platform.blobs, done, wanted);
      };
      std::string bytes = co_await platform.work.run(std::move(work));
      done += bytes.size();
      co_await writer.write(std::move(bytes));
    }
    piece.pin.reset();
  }
}

gateway::Output S3::head_object(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  const CustomerKey encryption = customer_key(input);
  const Object object = readable(*bucket, key, text_of(input, members::VersionId));
  check_key(object.facts, encryption);
  std::vector<Part> parts;
  if (object.parts > 0 && input.contains(members::PartNumber)) {
    parts = store_.object_parts(*bucket, object.order);
  }
  reading::check_conditions(input, object);
  const reading::Selection selection = reading::select(input, object, parts);
  Json answer = reading::head_of(*bucket, input, object, selection);
  if (!input.contains(members::VersionId)) show_expiration(*bucket, key, object, answer);
  Output output(std::move(answer));
  output.status = reading::status_of(selection);
  return output;
}

gateway::Output S3::get_object_attributes(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  const CustomerKey encryption = customer_key(input);
  const Object object = readable(*bucket, key, text_of(input, members::VersionId));
  check_key(object.facts, encryption);
  const Json& wanted = input[members::ObjectAttributes];
  const auto asked = [&wanted](const char* name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  Json output = {{members::LastModified, shown_time(object.modified)}};
  if (bucket->versioning != Versioning::off) output[members::VersionId] = object.shown_version();
  if (asked("ETag")) output[members::ETag] = object.etag;
  if (asked("ObjectSize")) output[members::ObjectSize] = object.size;
  if (asked("StorageClass")) {
    output[members::StorageClass] = shown_storage_class(object.storage_class);
  }
  if (asked("Checksum") && object.checksum.algorithm != Algorithm::none) {
    show_checksum(object.checksum, object.parts, output[members::Checksum]);
    if (object.checksum.composite) {
      // Here the number of parts is left out.
      output[members::Checksum][member_of(object.checksum.algorithm)] =
          to_base64(object.checksum.bytes);
    }
  }
  if (asked("ObjectParts") && object.parts > 0) {
    Json& shown = output[members::ObjectParts];
    shown[members::TotalPartsCount] = object.parts;
    // AWS lists the parts of objects with a composite checksum alone.
    if (object.checksum.composite) {
      const auto most =
          std::min<size_t>(input.value(members::MaxParts, limits::kPage), limits::kPage);
      const auto after = input.value(members::PartNumberMarker, uint32_t{0});
      shown[members::PartNumberMarker] = after;
      shown[members::MaxParts] = most;
      shown[members::IsTruncated] = false;
      Json& list = shown[members::Parts] = Json::array();
      for (const Part& part : store_.object_parts(*bucket, object.order)) {
        if (part.number <= after) continue;
        if (list.size() == most) {
          shown[members::IsTruncated] = true;
          break;
        }
        Json entry = {{members::PartNumber, part.number}, {members::Size, part.size}};
        entry[member_of(object.checksum.algorithm)] = to_base64(part.checksum);
        list.push_back(std::move(entry));
        shown[members::NextPartNumberMarker] = part.number;
      }
    }
  }
  return output;
}

}  // namespace paddock::services::s3
