// Client certificates, which AWS shows to HTTP backends: records, all with one certificate.
#include "core/clock.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace client_certificates_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

constexpr int64_t kYearMs = int64_t{365} * 24 * 3600 * 1000;

// Self-signed; nobody has its private key.
constexpr const char* kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDqTCCApGgAwIBAgIULaH7FzOS/oLK67P3y/PrGC2xHcYwDQYJKoZIhvcNAQEL\n"
    "BQAwYzELMAkGA1UEBhMCVVMxEzARBgNVBAgMCldhc2hpbmd0b24xEDAOBgNVBAcM\n"
    "B1NlYXR0bGUxEDAOBgNVBAoMB1BhZGRvY2sxGzAZBgNVBAMMEkFQSSBHYXRld2F5\n"
    "IGNsaWVudDAgFw0yNjExMjAxNDQzMDVaGA8yMTI2MTAyNzE0NDMwNVowYzELMAkG\n"
    "A1UEBhMCVVMxEzARBgNVBAgMCldhc2hpbmd0b24xEDAOBgNVBAcMB1NlYXR0bGUx\n"
    "EDAOBgNVBAoMB1BhZGRvY2sxGzAZBgNVBAMMEkFQSSBHYXRld2F5IGNsaWVudDCC\n"
    "ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBANCYZfecKuhUTeMeLvrouzuJ\n"
    "+BH+Vkx5hhvNSFZB1kau3eQqrK5c/YFT6FS+CdUp2i0tX8DUNcn9oiNoDqQurVQQ\n"
    "g1DlXhEKN9RsWKyswmtfcBqFmmzt3PkXzz0M0DyZsYCvuDQNiZzTUcCpDIuHQBnE\n"
    "l144uz7D3okvhhoDztnKnw5AvrrOdbw4WofzvjEbkDxWb+5xlxpXT+UwsCrSPuh7\n"
    "0jD8cytKiLcRP1T57h/Gf0DevnAw2+U+ynH9Vw4uSMYXaLqUEPaDqDT7yYUIU4MY\n"
    "esAarG0xuEPo/VGNDu0Es9auaOMv19pu82tIPggOzXY/Go+NzEM+c2EoHf5ts4cC\n"
    "AwEAAaNTMFEwHQYDVR0OBBYEFHDHOSqZM7P1GqXg4lYCwWipa7x/MB8GA1UdIwQY\n"
    "MBaAFHDHOSqZM7P1GqXg4lYCwWipa7x/MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI\n"
    "hvcNAQELBQADggEBADdvwlxlzPPYHyNl5rePdy22vZ9BkVWSWA9pQHirp9Rd2LLI\n"
    "wG9ZPUw5Quw4dbgew2Gsp2aJg+tpgB9eLn5gLhZ2qRQnL7SdxvvfWjcxgBDi2AB0\n"
    "bwtDneW9fM65at0GlhJAuKIPfWUy66HYwbw85pZQzzj6DVrck3YQg5vZ1QcrUNKp\n"
    "G6m8r+27R2T1G2h96Syf0Hu0g8VRu04OVP/vtjBHZiZ9rQ5Iv/u3xvBKOryNU3u7\n"
    "PnMj/ZOf6XLQE+/v1M8BVHDBP6QbhDhe58YqcYCiZ9uY/JGTSoMu8ZoTNgrOekuE\n"
    "CoI/LZv2eVxoC3Mb3GAtcbXFbxcAwjDBpIpuKkc=\n"
    "-----END CERTIFICATE-----\n";

AwsError no_such_certificate() {
  return errors::not_found("Invalid Client Certificate identifier specified");
}

Json load_certificate(const Control& control, const Context& context, const Json& input) {
  auto row =
      control.store.row(context.realm->id, kRecordKind,
                        {kClientCertificates, input[m::clientCertificateId].get<std::string>()});
  if (!row) throw no_such_certificate();
  return *std::move(row);
}

void save_certificate(Control& control, Context& context, const Json& certificate) {
  storage::Batch batch;
  control.store.put_row(
      batch, context.realm->id, kRecordKind,
      {kClientCertificates, certificate[m::clientCertificateId].get<std::string>()}, certificate);
  context.commit(batch);
}

Output generate_client_certificate(Control& control, Context& context, Json input) {
  int64_t now = control.now_seconds();
  Json certificate = {{m::clientCertificateId, control.new_id(context, "client-certificate", 6)},
                      {m::pemEncodedCertificate, kCertificate},
                      {m::createdDate, now},
                      {m::expirationDate, now + kYearMs}};
  for (const char* member : {m::description, m::tags}) {
    if (input.contains(member)) certificate[member] = input[member];
  }
  save_certificate(control, context, certificate);
  return certificate;
}

Output get_client_certificate(Control& control, Context& context, Json input) {
  Json certificate = load_certificate(control, context, input);
  if (!certificate.contains(m::tags)) certificate[m::tags] = Json::object();
  return certificate;
}

Output get_client_certificates(Control& control, Context& context, Json input) {
  Json items = Json::array();
  for (auto& one : control.store.rows(context.realm->id, kRecordKind, {kClientCertificates})) {
    items.push_back(std::move(one));
  }
  return page_of(std::move(items), input);
}

Output update_client_certificate(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/description", {Kind::text}}}, {}, {}};
  auto lock = control.lock_row(context, kRecordKind, "");
  Json certificate = load_certificate(control, context, input);
  apply_named_patches(certificate, input.value(m::patchOperations, Json()), kRules);
  save_certificate(control, context, certificate);
  if (!certificate.contains(m::tags)) certificate[m::tags] = Json::object();
  return certificate;
}

Output delete_client_certificate(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kRecordKind, "");
  load_certificate(control, context, input);
  storage::Batch batch;
  control.store.erase_row(batch, context.realm->id, kRecordKind,
                          {kClientCertificates, input[m::clientCertificateId].get<std::string>()});
  context.commit(batch);
  return Json::object();
}

}  // namespace client_certificates_detail

std::vector<ControlRow> client_certificate_rows() {
  namespace d = client_certificates_detail;
  constexpr auto kRecords =
      gateway::Fidelity::partial("one certificate for all, which no backend is shown");
  return {
      {"GenerateClientCertificate", d::generate_client_certificate, "apigateway:POST", kRecords},
      {"GetClientCertificate", d::get_client_certificate, "apigateway:GET"},
      {"GetClientCertificates", d::get_client_certificates, "apigateway:GET"},
      {"UpdateClientCertificate", d::update_client_certificate, "apigateway:PATCH"},
      {"DeleteClientCertificate", d::delete_client_certificate, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
