#include "services/s3/requests.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace request_rules {

constexpr const char* kContentHeaders[] = {
    members::CacheControl,    members::ContentDisposition,
    members::ContentLanguage, members::ContentType,
    members::Expires,         members::WebsiteRedirectLocation,
};

// What is stored of Content-Encoding: without the coding of the request's own body.
std::string without_chunked(const std::string& encoding) {
  std::string kept;
  for (const std::string_view one : split(encoding, ',')) {
    if (trim(one) == "aws-chunked" || trim(one).empty()) continue;
    if (!kept.empty()) kept += ',';
    kept += trim(one);
  }
  return kept;
}

}  // namespace request_rules

std::string text_of(const Json& input, const char* member, std::string_view fallback) {
  const auto found = input.find(member);
  if (found == input.end() || !found->is_string()) return std::string(fallback);
  return found->get<std::string>();
}

std::string object_facts(const Json& input) {
  Json facts = Json::object();
  for (const char* member : request_rules::kContentHeaders) {
    if (input.contains(member)) facts[member] = input[member];
  }
  const std::string encoding =
      request_rules::without_chunked(text_of(input, members::ContentEncoding));
  if (!encoding.empty()) facts[members::ContentEncoding] = encoding;
  if (const auto given = input.find(members::Metadata); given != input.end()) {
    Json metadata = Json::object();
    size_t bytes = 0;
    for (const auto& [name, value] : given->get_ref<const Json::object_t&>()) {
      metadata[to_lower(name)] = value;
      bytes += name.size() + value.get_ref<const std::string&>().size();
    }
    if (bytes > limits::kMetadataBytes) {
      throw errors::metadata_too_large(bytes, limits::kMetadataBytes);
    }
    if (!metadata.empty()) facts[members::Metadata] = std::move(metadata);
  }
  const std::string tagging = text_of(input, members::Tagging);
  if (!tagging.empty()) facts[kTagsFact] = parse_tagging_header(tagging);
  return facts.empty() ? std::string() : facts.dump();
}

std::string storage_class_of(const Json& input) {
  static const std::set<std::string_view> kClasses{
      "STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
      "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
      "GLACIER",    "DEEP_ARCHIVE",
  };
  const std::string name = text_of(input, members::StorageClass);
  if (name.empty() || name == "STANDARD") return "";
  if (kClasses.count(name) == 0) throw errors::invalid_storage_class(name);
  return name;
}

void refuse_unbuilt_headers(const Json& input) {
  static const std::vector<std::pair<const char*, const char*>> kUnbuilt{
      {members::WriteOffsetBytes, "x-amz-write-offset-bytes"},
  };
  for (const auto& [member, header] : kUnbuilt) {
    const auto found = input.find(member);
    if (found != input.end() && *found != false) throw errors::header_not_implemented(header);
  }
  const std::string encryption = text_of(input, members::ServerSideEncryption);
  if (!encryption.empty() && encryption != "AES256" && !encryption.starts_with("aws:kms")) {
    if (encryption.starts_with("aws:")) {
      throw errors::header_not_implemented("x-amz-server-side-encryption");
    }
    throw AwsError("InvalidEncryptionAlgorithmError",
                   "The Encryption request you specified is not valid. Supported value: AES256.")
        .with("ArgumentName", "x-amz-server-side-encryption")
        .with("ArgumentValue", encryption);
  }
}

void check_write_conditions(const Json& input, const std::string& key,
                            const std::optional<Object>& current) {
  const bool exists = current && !current->delete_marker;
  if (const auto none = input.find(members::IfNoneMatch); none != input.end()) {
    if (*none != "*") throw errors::header_not_implemented("If-None-Match");
    if (exists) throw errors::precondition_failed("If-None-Match");
  }
  if (const auto match = input.find(members::IfMatch); match != input.end()) {
    if (!exists) throw errors::no_such_key(key);
    if (!etag_matches(match->get_ref<const std::string&>(), current->etag)) {
      throw errors::precondition_failed("If-Match");
    }
  }
}

void take_query_headers(const gateway::RequestContext& context, Json& input) {
  static const std::set<std::string_view> kSignature{
      "x-amz-algorithm",     "x-amz-credential", "x-amz-date",           "x-amz-expires",
      "x-amz-signedheaders", "x-amz-signature",  "x-amz-security-token", "x-amz-content-sha256"};
  if (context.head == nullptr || context.head->query.find("x-amz-") == std::string::npos) return;
  http::RequestHead head = *context.head;
  head.headers.clear();
  for (const std::string_view part : split(context.head->query, '&')) {
    const size_t equals = part.find('=');
    const std::string name = to_lower(url_decode(part.substr(0, equals)));
    if (equals == std::string_view::npos || !name.starts_with("x-amz-") ||
        kSignature.count(name) > 0 || name.starts_with("x-amz-checksum-") ||
        name.starts_with("x-amz-sdk-")) {
      continue;
    }
    head.headers.add(name, url_decode(part.substr(equals + 1), true));
  }
  if (head.headers.empty()) return;
  head.query.clear();
  const std::map<std::string, std::string, std::less<>> labels{
      {"Bucket", text_of(input, members::Bucket)}, {"Key", text_of(input, members::Key)}};
  const wire::WireRequest request{head, "", labels};
  const Json hoisted =
      wire::codec(context.model->protocol)->decode(*context.model, *context.operation, request);
  for (const auto& [name, value] : hoisted.get_ref<const Json::object_t&>()) {
    if (!input.contains(name)) {
      input[name] = value;
    } else if (name == members::Metadata) {
      for (const auto& [key, text] : value.get_ref<const Json::object_t&>()) {
        if (!input[name].contains(key)) input[name][key] = text;
      }
    }
  }
}

void show_checksum(const Checksum& checksum, uint32_t parts, Json& output) {
  if (checksum.algorithm == Algorithm::none) return;
  output[member_of(checksum.algorithm)] = checksum.text(parts);
  output[members::ChecksumType] = checksum.type();
}

int64_t shown_time(WorldTime time) {
  return time.ms / 1000 * 1000;
}

std::string shown_storage_class(const std::string& name) {
  return name.empty() ? "STANDARD" : name;
}

Json owner_document(const std::string& account) {
  return {{members::ID, canonical_id(account)}};
}

std::string encoded_key(std::string_view text) {
  std::string out;
  for (const char c : url_encode(text, true)) out += c;
  // S3 writes a space as forms do.
  for (size_t at = out.find("%20"); at != std::string::npos; at = out.find("%20", at)) {
    out.replace(at, 3, "+");
  }
  return out;
}

AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations) {
  const wire::Violation& first = violations.front();
  const std::string top = first.path.substr(0, first.path.find('.'));
  const wire::Shape& input = *operation.input;
  const wire::Member* member = input.find(top);
  if (member != nullptr && member->location == wire::Location::payload) {
    if (first.rule == wire::Violation::Rule::required && first.path == top) {
      return errors::missing_body();
    }
    if (top == members::WebsiteConfiguration && first.path.ends_with("Protocol")) {
      return errors::invalid_protocol();
    }
    return top == members::AccessControlPolicy ? errors::malformed_acl() : errors::malformed_xml();
  }
  const std::string name = member == nullptr ? top : std::string(member->wire_name);
  if (name == "x-amz-storage-class") {
    return AwsError("InvalidStorageClass", "The storage class you specified is not valid");
  }
  if (name == "x-amz-acl") return errors::invalid_argument("", name);
  if (name == "encoding-type") {
    return errors::invalid_argument("Invalid Encoding Method specified in Request", name);
  }
  if (name == "x-amz-metadata-directive") {
    return errors::invalid_argument("Unknown metadata directive.", name);
  }
  if (name == "x-amz-tagging-directive") {
    return errors::invalid_argument("Unknown tagging directive.", name);
  }
  if (name == "x-amz-object-attributes") {
    return errors::invalid_argument("Invalid attribute name specified.", name);
  }
  if (name == "x-amz-server-side-encryption") {
    return AwsError("InvalidEncryptionAlgorithmError",
                    "The Encryption request you specified is not valid. Supported value: AES256.")
        .with("ArgumentName", name);
  }
  if (name == "x-amz-checksum-algorithm" || name == "x-amz-sdk-checksum-algorithm") {
    return errors::invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid "
        "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  if (name == "x-amz-object-ownership") {
    return errors::invalid_argument("Invalid x-amz-object-ownership header: ", name);
  }
  return errors::invalid_argument(first.text, name);
}

std::vector<std::string> bucket_resource(const gateway::RequestContext&, const Json& input) {
  return {"arn:aws:s3:::" + text_of(input, members::Bucket)};
}

std::vector<std::string> object_resource(const gateway::RequestContext&, const Json& input) {
  return {"arn:aws:s3:::" + text_of(input, members::Bucket) + "/" + text_of(input, members::Key)};
}

}  // namespace paddock::services::s3
