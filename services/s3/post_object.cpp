// Uploads by a browser's form: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
// They come as calls of PutObject whose body is the form.
#include <algorithm>

#include "core/text.hpp"
#include "http/exchange.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/post_policy.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "wire/codec.hpp"
#include "wire/multipart_form.hpp"

namespace paddock::services::s3 {
namespace posting {

constexpr size_t kFieldBytes = 20 * 1024;  // before the file; API_RESTObjectPOST
using Event = wire::MultipartForm::Event;

AwsError malformed() {
  return AwsError("MalformedPOSTRequest",
                  "The body of your POST request is not well-formed multipart/form-data.");
}

AwsError missing_field(const std::string& name) {
  return errors::invalid_argument("Bucket POST must contain a field named '" + name +
                                      "'.  If it is specified, please check the order of the "
                                      "fields.",
                                  name, "");
}

// The file within the form, as a body of its own. Beyond `most` bytes it is only counted.
class FileBody : public http::Exchange {
 public:
  FileBody(http::Exchange& form, wire::MultipartForm decoder)
      : form_(form), decoder_(std::move(decoder)) {}

  void limit(uint64_t most) { most_ = most; }
  uint64_t size() const { return size_; }

  // Reads the fields up to the file. Throws AwsError.
  Task<void> read_fields(FormFields& fields, std::string& filename) {
    std::string name, value, piece;
    size_t bytes = 0;
    for (;;) {
      const Event event = decoder_.next(piece);
      if (event == Event::more) {
        co_await feed();
      } else if (event == Event::part) {
        name = to_lower(decoder_.name());
        value.clear();
        bytes += name.size();
        if (name == "file") {
          filename = decoder_.filename();
          co_return;
        }
      } else if (event == Event::data) {
        bytes += piece.size();
        value += piece;
      } else if (event == Event::part_end) {
        fields.values.emplace(name, value);
      } else if (event == Event::end) {
        throw errors::invalid_argument("POST requires exactly one file upload per request.", "file",
                                       "0");
      } else {
        throw malformed();
      }
      if (bytes > kFieldBytes) {
        throw AwsError("MaxPostPreDataLengthExceededError",
                       "Your POST request fields preceding the upload file was too large.");
      }
    }
  }

  Task<std::string> read() override {
    std::string piece;
    while (!done_) {
      const Event event = decoder_.next(piece);
      if (event == Event::more) {
        co_await feed();
      } else if (event == Event::data) {
        size_ += piece.size();
        if (size_ <= most_) co_return piece;
        if (size_ > limits::kPutBytes) {
          throw errors::entity_too_large(size_, limits::kPutBytes);
        }
      } else if (event == Event::part_end) {
        done_ = true;
      } else {
        throw malformed();
      }
    }
    co_return std::string();
  }

  const http::RequestHead& head() const override { return form_.head(); }
  Task<std::string> read_all(size_t limit) override { return form_.read_all(limit); }
  int64_t content_length() const override { return -1; }
  Task<void> respond(http::Response response) override {
    return form_.respond(std::move(response));
  }
  Task<void> start(int status, http::Headers headers) override {
    return form_.start(status, std::move(headers));
  }
  Task<void> write(std::string piece) override { return form_.write(std::move(piece)); }
  Task<void> finish(http::Headers trailers) override { return form_.finish(std::move(trailers)); }
  void abort() override { form_.abort(); }
  bool responded() const override { return form_.responded(); }
  Cancelled cancelled() const override { return form_.cancelled(); }

 private:
  Task<void> feed() {
    const std::string bytes = co_await form_.read();
    if (bytes.empty()) throw malformed();
    decoder_.feed(bytes);
  }

  http::Exchange& form_;
  wire::MultipartForm decoder_;
  uint64_t most_ = limits::kPutBytes;
  uint64_t size_ = 0;
  bool done_ = false;
};

// What the fields say of a signature; nullopt: nothing. Throws InvalidArgument for half of one.
std::optional<identity::Signature> form_signature(const FormFields& fields) {
  static const std::pair<const char*, const char*> kNew[] = {
      {"x-amz-algorithm", "X-Amz-Algorithm"},
      {"x-amz-credential", "X-Amz-Credential"},
      {"x-amz-date", "X-Amz-Date"},
      {"x-amz-signature", "X-Amz-Signature"},
  };
  static const std::pair<const char*, const char*> kOld[] = {
      {"awsaccesskeyid", "AWSAccessKeyId"},
      {"signature", "Signature"},
  };
  const auto any = [&fields](const auto& names) {
    return std::any_of(std::begin(names), std::end(names),
                       [&fields](const auto& one) { return fields.has(one.first); });
  };
  const auto check = [&fields](const auto& names) {
    for (const auto& [field, shown] : names) {
      if (!fields.has(field)) throw missing_field(shown);
    }
    if (!fields.has("policy")) throw missing_field("policy");
  };
  identity::Signature signature;
  signature.service = "s3";
  if (any(kNew)) {
    check(kNew);
    const std::string credential = fields.get("x-amz-credential");
    const auto parts = split(credential, '/');
    if (parts.size() < 5) {
      throw errors::invalid_argument(
          "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
          "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
          "X-Amz-Credential", credential);
    }
    const size_t at = parts.size() - 4;
    signature.access_key =
        credential.substr(0, static_cast<size_t>(parts[at].data() - credential.data()) - 1);
    signature.date = parts[at];
    signature.region = parts[at + 1];
    signature.service = parts[at + 2];
    signature.signature = fields.get("x-amz-signature");
    return signature;
  }
  if (!any(kOld)) return std::nullopt;
  check(kOld);
  signature.version = 2;
  signature.access_key = fields.get("awsaccesskeyid");
  signature.signature = fields.get("signature");
  return signature;
}

// The fields that are headers at PutObject.
http::RequestHead as_head(const http::RequestHead& original, const FormFields& fields) {
  static const char* const kHeaders[] = {
      "cache-control", "content-disposition", "content-encoding", "content-language",
      "content-md5",   "content-type",        "expires"};
  http::RequestHead head = original;
  head.query.clear();
  head.headers.clear();
  for (const auto& [name, value] : fields.values) {
    const bool known =
        std::find(std::begin(kHeaders), std::end(kHeaders), name) != std::end(kHeaders);
    if (known || name.starts_with("x-amz-")) head.headers.add(name, value);
  }
  if (fields.has("acl")) head.headers.set("x-amz-acl", fields.get("acl"));
  return head;
}

void replace_filename(std::string& text, const std::string& filename) {
  constexpr std::string_view kVariable = "${filename}";
  for (size_t at = text.find(kVariable); at != std::string::npos;
       at = text.find(kVariable, at + filename.size())) {
    text.replace(at, kVariable.size(), filename);
  }
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

// 201 with a document, 303 to the page that the form names, 200, or 204.
gateway::Output answer(const FormFields& fields, const std::string& bucket, const std::string& key,
                       const std::string& etag, const std::string& location, Json head) {
  std::string target = fields.get("success_action_redirect");
  if (target.empty()) target = fields.get("redirect");
  const std::string wanted = fields.get("success_action_status");
  gateway::BodyStream body(std::move(head));
  int status = wanted == "200" ? 200 : 204;
  http::Headers headers;
  headers.set("Location", location);
  if (target.starts_with("http://") || target.starts_with("https://")) {
    status = 303;
    target += target.find('?') == std::string::npos ? '?' : '&';
    target +=
        "bucket=" + url_encode(bucket) + "&key=" + url_encode(key) + "&etag=" + url_encode(etag);
    headers.set("Location", target);
  } else if (wanted == "201") {
    status = 201;
    body.bytes = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>" +
                 xml_text(location) + "</Location><Bucket>" + bucket + "</Bucket><Key>" +
                 xml_text(key) + "</Key><ETag>" + xml_text(etag) + "</ETag></PostResponse>";
    headers.set("Content-Type", "application/xml");
  }
  gateway::Output output(std::move(body));
  output.status = status;
  output.headers = std::move(headers);
  return output;
}

}  // namespace posting

// Who posts: by the form's own signature, not by the request's. And how long the file may be.
S3::Poster S3::judge_form(Context& context, const Bucket& bucket, const FormFields& fields) const {
  const auto signature = posting::form_signature(fields);
  const std::string policy = fields.get("policy");
  Poster poster;
  poster.most = limits::kPutBytes;
  if (signature) {
    context.principal =
        platform_.identity.signer(policy, *signature, fields.get("x-amz-security-token"));
    context.account = context.principal.account;
  } else if (!policy.empty()) {
    throw errors::access_denied();
  }
  if (!fields.has("key")) throw posting::missing_field("key");
  if (policy.empty()) return poster;
  const SizeRange range = check_post_policy(
      policy, fields, bucket.name, limits::kPutBytes,
      [this](int64_t ms) { return platform_.world.from_client(ms) <= platform_.world.now(); });
  poster.least = range.least;
  poster.most = range.most;
  return poster;
}

// The input of PutObject that the form stands for.
Json S3::input_of_form(const Context& context, const Bucket& bucket, const FormFields& fields,
                       const std::string& key) const {
  const http::RequestHead head = posting::as_head(*context.head, fields);
  const std::map<std::string, std::string, std::less<>> labels{{"Bucket", bucket.name},
                                                               {"Key", key}};
  const wire::Codec& codec = *wire::codec(context.model->protocol);
  const wire::WireRequest request{head, "", labels};
  return codec.decode(*context.model, *context.operation, request);
}

// The tags of a form come as the document of PutObjectTagging. Throws MalformedXML, InvalidTag.
std::string S3::facts_of_form(const Context& context, const Json& input,
                              const std::string& tagging) const {
  std::string facts = object_facts(input);
  if (tagging.empty()) return facts;
  const std::map<std::string, std::string, std::less<>> labels{
      {"Bucket", text_of(input, members::Bucket)}, {"Key", text_of(input, members::Key)}};
  http::RequestHead head = *context.head;
  head.query.clear();
  const wire::WireRequest request{head, tagging, labels};
  const Json document =
      wire::codec(context.model->protocol)
          ->decode(*context.model, *context.model->find("PutObjectTagging"), request);
  const Json tags =
      document.value(members::Tagging, Json::object()).value(members::TagSet, Json::array());
  check_tags(tags, limits::kTagsPerObject);
  if (tags.empty()) return facts;
  Json all = facts.empty() ? Json::object() : Json::parse(facts);
  all[kTagsFact] = tags;
  return all.dump();
}

Task<gateway::Output> S3::post_object(Context& context, Json labels) {
  const BucketPtr bucket = any_bucket(text_of(labels, members::Bucket), Json());
  const std::string boundary = wire::form_boundary(context.head->headers.get("content-type"));
  if (boundary.empty() || context.upload == nullptr) throw posting::malformed();
  posting::FileBody file(*context.upload, wire::MultipartForm(boundary));
  FormFields fields;
  std::string filename;
  co_await file.read_fields(fields, filename);
  // Browsers of old send the whole path.
  filename = filename.substr(filename.find_last_of("/\\") + 1);
  for (auto& [name, value] : fields.values) {
    if (name != "policy") posting::replace_filename(value, filename);
  }
  const Poster poster = judge_form(context, *bucket, fields);
  const std::string key = fields.get("key");
  if (key.empty() || !valid_utf8(key)) {
    throw errors::invalid_argument("User key must have a length greater than 0.", "key", key);
  }
  if (key.size() > limits::kKeyBytes) throw errors::key_too_long(key.size(), limits::kKeyBytes);
  const Json input = input_of_form(context, *bucket, fields, key);
  authorize(context, *bucket, {"s3:PutObject", key, "", input});
  refuse_unbuilt_headers(input);
  Object object;
  object.storage_class = storage_class_of(input);
  object.facts =
      with_acl(context, *bucket, input, facts_of_form(context, input, fields.get("tagging")));
  take_lock_headers(*bucket, input, platform_.world.now(), true, object.facts);
  take_encryption(*bucket, input, CustomerKey(), object.facts);
  http::Exchange* const form = context.upload;
  context.upload = nullptr;
  BodyFacts facts = body_facts(context, input, limits::kPutBytes);
  const Algorithm kept =
      facts.algorithm == Algorithm::none ? Algorithm::crc64nvme : facts.algorithm;
  file.limit(poster.most);
  context.upload = &file;
  std::shared_ptr<Received> received;
  std::exception_ptr failure;
  try {
    received = co_await receive_body(context, input, std::move(facts), bucket->realm, kept);
  } catch (...) {
    failure = std::current_exception();
  }
  context.upload = form;
  if (file.size() > poster.most) throw errors::entity_too_large(file.size(), poster.most);
  if (failure) std::rethrow_exception(failure);
  if (file.size() < poster.least) throw errors::entity_too_small(file.size(), poster.least);
  object.size = received->size;
  object.etag = to_hex(received->md5);
  object.checksum = received->checksum;
  co_await commit_object(context, bucket, key, received, object, input);
  Json head = {{members::ETag, quoted_etag(object.etag)}};
  show_encryption(object.facts, head);
  show_checksum(object.checksum, 0, head);
  if (bucket->versioning == Versioning::enabled || !object.is_null()) {
    head[members::VersionId] = object.shown_version();
  }
  std::string location = context.scheme + "://" + context.authority + "/";
  if (!addresses_.bucket_of_host(context.head->host())) location += bucket->name + "/";
  co_return posting::answer(fields, bucket->name, key, quoted_etag(object.etag),
                            location + url_encode(key, true), std::move(head));
}

}  // namespace paddock::services::s3
