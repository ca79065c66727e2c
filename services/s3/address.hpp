// Which operation a request is for, and which bucket and key: path style, `{bucket}.s3[.region].…`,
// `{bucket}.` any host we own
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.hpp"
#include "http/message.hpp"
#include "wire/model.hpp"

namespace paddock::services::s3 {

// Immutable and thread-safe.
class Addresses {
 public:
  // `own_names`: further host names, each of which also stands for `{bucket}.` itself.
  Addresses(const wire::ServiceModel& model, std::vector<std::string> own_names);

  // The operation with the labels Bucket and Key. Unknown sub-resources are refused by name: they
  // never become the plain operation. Throws AwsError.
  gateway::Address find(const http::RequestHead& head) const;

  // The bucket that the host names; nullopt for path style. `host` in lower case, without a port.
  std::optional<std::string> bucket_of_host(std::string_view host) const;
  // True for hosts with a label of S3's own: s3.…, bucket.s3.region.…
  static bool is_s3_host(std::string_view host);
  // The first segment of a path, decoded: the bucket of path style.
  static std::string first_segment(std::string_view path);

 private:
  static gateway::Address form_upload(std::string bucket, const http::RequestHead& head);

  enum class Level { service, bucket, object };
  // What tells an operation from the others of its level and method.
  struct Route {
    const wire::OperationModel* operation;
    std::vector<std::pair<std::string, std::string>> markers;  // name and value
    std::vector<std::string> required;                         // query parameters
    bool copies = false;                                       // x-amz-copy-source must be there
    size_t score() const { return markers.size() + required.size() + (copies ? 1 : 0); }
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  const Route* best(Level level, std::string_view method, const Fields& query,
                    const http::RequestHead& head) const;
  void check_query(const Route& route, Level level, const Fields& query,
                   const http::RequestHead& head) const;

  std::vector<std::string> own_names_;
  std::map<std::pair<Level, std::string>, std::vector<Route>> routes_;
  std::map<std::string, Level, std::less<>> markers_;    // of any operation
  std::map<std::string, Level, std::less<>> selectors_;  // required parameters of any operation
};

}  // namespace paddock::services::s3
