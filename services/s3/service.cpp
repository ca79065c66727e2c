#include "services/s3/service.hpp"

#include "options.hpp"
#include "services/s3/requests.hpp"

namespace paddock::services::s3 {

S3::S3(gateway::Platform& platform)
    : platform_(platform),
      hosts_(platform.options.own_names, platform.options.allowed_origins),
      store_(platform.database),
      catalog_(store_, platform.realms),
      addresses_(::paddock::models::s3, platform.options.own_names) {
  gateway::Api api;
  api.model = &::paddock::models::s3;
  api.invalid = &invalid_request;
  api.validate_options.lower_first = false;
  api.error_style.request_id16 = true;
  api.throttling_code = "SlowDown";
  api.global = true;
  api.anonymous = true;
  api.addressing.find = [this](const http::RequestHead& head) { return addresses_.find(head); };
  api.addressing.owns_host = [this](std::string_view host) {
    return Addresses::is_s3_host(host) || addresses_.bucket_of_host(host).has_value();
  };
  // Without a signature and at a host of no service, a path is S3's if it begins with a bucket.
  api.addressing.owns_path = [this](const http::RequestHead& head) {
    return catalog_.find(Addresses::first_segment(head.path)) != nullptr;
  };
  api.cors = [this](const http::RequestHead& head) { return cors_of_bucket(head); };
  add_bucket_operations(api.operations);
  add_object_operations(api.operations);
  add_upload_operations(api.operations);
  add_record_operations(api.operations);
  add_notification_operations(api.operations);
  add_lock_operations(api.operations);
  add_lifecycle_operations(api.operations);
  add_access_operations(api.operations);
  for (const gateway::Operation& row : api.operations) actions_.emplace(row.name, row.action);
  apis_.push_back(std::move(api));
  add_browser_endpoints();
  platform_.realms.on_reset([this](const std::vector<RealmId>& dead) {
    const std::lock_guard lock(orders_mutex_);
    for (const RealmId realm : dead) orders_.erase(realm);
  });
}

void S3::add_bucket_operations(Operations& operations) {
  using gateway::Access;
  using gateway::Fidelity;
  const Fidelity full = Fidelity::full();
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       Fidelity fidelity, std::string_view action) {
    operations.push_back({name, std::move(handler), access, fidelity, action,
                          name == "ListBuckets" ? nullptr : &bucket_resource, members::Bucket,
                          nullptr});
  };
  const auto plain = [this](auto method) { return gateway::plain(this, method); };
  const auto slow = [this](auto method) { return gateway::slow(this, method); };
  add("CreateBucket", slow(&S3::create_bucket), Access::write, full, "s3:CreateBucket");
  add("HeadBucket", plain(&S3::head_bucket), Access::read, full, "s3:ListBucket");
  add("DeleteBucket", slow(&S3::delete_bucket), Access::write, full, "s3:DeleteBucket");
  add("ListBuckets", plain(&S3::list_buckets), Access::read, full, "s3:ListAllMyBuckets");
  add("GetBucketLocation", plain(&S3::get_bucket_location), Access::read, full,
      "s3:GetBucketLocation");
  add("GetBucketVersioning", plain(&S3::get_bucket_versioning), Access::read, full,
      "s3:GetBucketVersioning");
  add("PutBucketVersioning", slow(&S3::put_bucket_versioning), Access::write,
      Fidelity::partial("MFA delete asks for a code and accepts any"), "s3:PutBucketVersioning");
  add("GetBucketTagging", plain(&S3::get_bucket_tagging), Access::read, full,
      "s3:GetBucketTagging");
  add("PutBucketTagging", slow(&S3::put_bucket_tagging), Access::write, full,
      "s3:PutBucketTagging");
  add("DeleteBucketTagging", slow(&S3::delete_bucket_tagging), Access::write, full,
      "s3:PutBucketTagging");
  add("ListObjects", slow(&S3::list_objects), Access::read, full, "s3:ListBucket");
  add("ListObjectsV2", slow(&S3::list_objects_v2), Access::read, full, "s3:ListBucket");
  add("ListObjectVersions", slow(&S3::list_object_versions), Access::read, full,
      "s3:ListBucketVersions");
}

void S3::add_object_operations(Operations& operations) {
  using gateway::Access;
  using gateway::Fidelity;
  const Fidelity full = Fidelity::full();
  const Fidelity kms = Fidelity::partial("keys of KMS in name");
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       Fidelity fidelity, std::string_view action) {
    operations.push_back({name, std::move(handler), access, fidelity, action, &object_resource,
                          members::Bucket, nullptr});
  };
  const auto plain = [this](auto method) { return gateway::plain(this, method); };
  const auto slow = [this](auto method) { return gateway::slow(this, method); };
  const auto waiting = [this](auto method) { return gateway::waiting(this, method); };
  add("PutObject", waiting(&S3::put_object), Access::write, kms, "s3:PutObject");
  add("GetObject", waiting(&S3::get_object), Access::read, kms, "s3:GetObject");
  add("HeadObject", plain(&S3::head_object), Access::read, kms, "s3:GetObject");
  add("GetObjectAttributes", plain(&S3::get_object_attributes), Access::read, kms,
      "s3:GetObjectAttributes");
  add("DeleteObject", plain(&S3::delete_object), Access::write, full, "s3:DeleteObject");
  add("DeleteObjects", slow(&S3::delete_objects), Access::write, full, "s3:DeleteObject");
  add("CopyObject", slow(&S3::copy_object), Access::write, kms, "s3:PutObject");
  add("GetObjectTagging", plain(&S3::get_object_tagging), Access::read, full,
      "s3:GetObjectTagging");
  add("PutObjectTagging", plain(&S3::put_object_tagging), Access::write, full,
      "s3:PutObjectTagging");
  add("DeleteObjectTagging", plain(&S3::delete_object_tagging), Access::write, full,
      "s3:DeleteObjectTagging");
}

void S3::add_upload_operations(Operations& operations) {
  using gateway::Access;
  using gateway::Fidelity;
  const Fidelity full = Fidelity::full();
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       std::string_view action) {
    operations.push_back({name, std::move(handler), access, full, action,
                          name == "ListMultipartUploads" ? &bucket_resource : &object_resource,
                          members::Bucket, nullptr});
  };
  const auto plain = [this](auto method) { return gateway::plain(this, method); };
  const auto slow = [this](auto method) { return gateway::slow(this, method); };
  add("CreateMultipartUpload", plain(&S3::create_multipart_upload), Access::write, "s3:PutObject");
  add("UploadPart", gateway::waiting(this, &S3::upload_part), Access::write, "s3:PutObject");
  add("UploadPartCopy", slow(&S3::upload_part_copy), Access::write, "s3:PutObject");
  add("CompleteMultipartUpload", slow(&S3::complete_multipart_upload), Access::write,
      "s3:PutObject");
  add("AbortMultipartUpload", slow(&S3::abort_multipart_upload), Access::write,
      "s3:AbortMultipartUpload");
  add("ListParts", slow(&S3::list_parts), Access::read, "s3:ListMultipartUploadParts");
  add("ListMultipartUploads", slow(&S3::list_multipart_uploads), Access::read,
      "s3:ListBucketMultipartUploads");
}

std::vector<std::string> S3::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  for (const BucketPtr& bucket :
       catalog_.of_account(realm.account, "", "", "", static_cast<size_t>(-1))) {
    arns.push_back("arn:aws:s3:::" + bucket->name);
  }
  return arns;
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<S3>(platform);
}

}  // namespace paddock::services::s3
