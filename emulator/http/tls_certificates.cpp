#include "http/tls_certificates.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "core/random.hpp"
#include "core/text.hpp"

namespace paddock::http {
namespace {

constexpr int64_t kDaySeconds = 24 * 60 * 60;
constexpr int64_t kCaDays = 3650;
constexpr int64_t kLeafDays = 397;  // the longest that browsers accept
constexpr const char* kCaName = "Paddock local CA";
// Always ours, whatever name a client asked for. A wildcard covers one label (RFC 6125).
constexpr const char* kOwnNames =
    "DNS:localhost,DNS:*.localhost,DNS:localhost.localstack.cloud,"
    "DNS:*.localhost.localstack.cloud,DNS:*.execute-api.localhost,DNS:*.amazonaws.com,"
    "DNS:*.us-east-1.amazonaws.com,DNS:host.docker.internal,IP:127.0.0.1,IP:::1";

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

[[noreturn]] void fail_openssl(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  throw std::runtime_error(what + ": " + text.data());
}

void require(bool done, const char* what) {
  if (!done) fail_openssl(std::string("cannot ") + what);
}

Key generate_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a P-256 key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  require(extension != nullptr, "make a certificate's extension");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  require(added == 1, "add a certificate's extension");
}

// Version, serial number, validity, subject and public key.
Certificate begin_certificate(const std::string& common_name, EVP_PKEY* key, int64_t now_seconds,
                              int64_t days) {
  Certificate certificate(X509_new());
  require(certificate != nullptr, "make a certificate");
  std::string serial = random_bytes(16);
  serial[0] &= 0x7f;  // RFC 5280: positive
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()),
                             static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now_seconds - kDaySeconds);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now_seconds + days * kDaySeconds);
  // A common name has at most 64 characters; what counts is subjectAltName.
  const std::string shown = common_name.substr(0, 64);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(shown.c_str()), -1, -1, 0);
  require(X509_set_pubkey(certificate.get(), key) == 1, "set a certificate's key");
  return certificate;
}

std::string pem_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string read_pem_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Written beside its place and renamed, so that a crash leaves no half file.
void write_pem_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = fd >= 0 && ::close(fd) == 0;
  if (!written || !closed || ::rename(beside.c_str(), path.c_str()) != 0) {
    throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
  }
}

// Lower case; "" for what is no host name and so must not get into a certificate.
std::string checked_name(std::string_view name) {
  const bool plain =
      !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
      });
  return plain ? to_lower(name) : std::string();
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::string directory, const MachineClock& clock)
    : directory_(std::move(directory)), clock_(clock), leaf_key_(generate_key()) {
  if (!directory_.empty() && std::filesystem::exists(directory_ + "/ca.pem")) {
    load();
  } else {
    make();
    if (!directory_.empty()) save();
  }
}

void CertificateAuthority::load() {
  const std::string certificate_path = directory_ + "/ca.pem";
  const std::string key_path = directory_ + "/ca-key.pem";
  const std::string certificate = read_pem_file(certificate_path);
  const std::string key = read_pem_file(key_path);
  const Bio certificate_bio(
      BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
  const Bio key_bio(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  certificate_.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  key_.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (!certificate_) fail_openssl(certificate_path + " holds no certificate");
  if (!key_) fail_openssl(key_path + " holds no private key");
  if (X509_check_private_key(certificate_.get(), key_.get()) != 1) {
    ERR_clear_error();
    throw std::runtime_error(key_path + " is not the key of " + certificate_path +
                             "; remove both for a new pair");
  }
}

void CertificateAuthority::make() {
  key_ = generate_key();
  certificate_ = begin_certificate(kCaName, key_.get(), clock_.wall_ms() / 1000, kCaDays);
  X509* made = certificate_.get();
  X509_set_issuer_name(made, X509_get_subject_name(made));
  add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(made, made, NID_subject_key_identifier, "hash");
  require(X509_sign(made, key_.get(), EVP_sha256()) != 0, "sign the CA's certificate");
}

void CertificateAuthority::save() const {
  std::filesystem::create_directories(directory_);
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "encode the CA's key");
  // The certificate last: it is what says that there is a CA.
  write_pem_file(directory_ + "/ca-key.pem", pem_of(bio), 0600);
  write_pem_file(directory_ + "/ca.pem", certificate_pem(), 0644);
}

std::string CertificateAuthority::certificate_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate_.get()) == 1, "encode the CA's certificate");
  return pem_of(bio);
}

Certificate CertificateAuthority::make_leaf(const std::string& name) const {
  Certificate made = begin_certificate(name.empty() ? "localhost" : name, leaf_key_.get(),
                                       clock_.wall_ms() / 1000, kLeafDays);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  const std::string names = name.empty() ? kOwnNames : "DNS:" + name + "," + kOwnNames;
  X509* issuer = certificate_.get();
  add_extension(made.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made.get(), issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(made.get(), issuer, NID_ext_key_usage, "serverAuth");
  add_extension(made.get(), issuer, NID_subject_alt_name, names);
  add_extension(made.get(), issuer, NID_authority_key_identifier, "keyid:always");
  require(X509_sign(made.get(), key_.get(), EVP_sha256()) != 0, "sign a certificate");
  return made;
}

X509* CertificateAuthority::leaf(const std::string& name) {
  const auto found = leaves_.find(name);
  if (found != leaves_.end()) return found->second.get();
  if (leaves_.size() >= kMostLeaves) leaves_.clear();
  return leaves_.emplace(name, make_leaf(name)).first->second.get();
}

bool CertificateAuthority::use_leaf(SSL* ssl, std::string_view name) {
  X509* certificate = leaf(checked_name(name));
  return SSL_use_certificate(ssl, certificate) == 1 &&
         SSL_use_PrivateKey(ssl, leaf_key_.get()) == 1 &&
         SSL_add1_chain_cert(ssl, certificate_.get()) == 1;
}

}  // namespace paddock::http
