// What the handlers share in reading inputs and writing outputs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "gateway/context.hpp"
#include "models/s3.hpp"
#include "services/s3/model.hpp"
#include "wire/model.hpp"
#include "wire/validate.hpp"

namespace paddock::services::s3 {

namespace members = ::paddock::models::s3_members;

// The string member, or `fallback`.
std::string text_of(const Json& input, const char* member, std::string_view fallback = {});

// The facts of a new object from the headers of its request: content headers, metadata, tags.
// Throws AwsError: MetadataTooLarge, InvalidTag ….
std::string object_facts(const Json& input);
// STANDARD is "". Throws InvalidStorageClass.
std::string storage_class_of(const Json& input);
// Refuses by name what is not emulated: encryption for file systems.
void refuse_unbuilt_headers(const Json& input);

// If-Match and If-None-Match of a write, against the newest version. Throws PreconditionFailed,
// NoSuchKey.
void check_write_conditions(const Json& input, const std::string& key,
                            const std::optional<Object>& current);

// Presigned URLs carry headers in their query. Adds those that the input lacks, but for checksums,
// which are those of no body.
void take_query_headers(const gateway::RequestContext& context, Json& input);

// Puts the checksum's member and ChecksumType into an output.
void show_checksum(const Checksum& checksum, uint32_t parts, Json& output);
// An object's time as S3 shows it: whole seconds.
int64_t shown_time(WorldTime time);
std::string shown_storage_class(const std::string& name);
Json owner_document(const std::string& account);

// `text` as an answer with encoding-type=url has it.
std::string encoded_key(std::string_view text);

// Inputs that break the model, in S3's words.
AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations);

// For operation rows: the ARN of the bucket or the object that the input names.
std::vector<std::string> bucket_resource(const gateway::RequestContext& context, const Json& input);
std::vector<std::string> object_resource(const gateway::RequestContext& context, const Json& input);

}  // namespace paddock::services::s3
