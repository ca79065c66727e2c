#include <limits>
#include <stdexcept>
#include <utility>

#include "storage/batch_impl.hpp"

namespace paddock::storage {

namespace {

constexpr size_t kFirstReserve = 1024;

RealmId realm_of_key(std::string_view key) {
  RealmId realm = 0;
  for (size_t i = 0; i < sizeof realm; ++i) {
    realm = realm << 8 | static_cast<unsigned char>(key[i]);
  }
  return realm;
}

}  // namespace

void Batch::Impl::note_realm(std::string_view key) {
  if (key.size() < sizeof(RealmId)) {
    throw std::invalid_argument("a key must start with a realm id");
  }
  const RealmId realm = realm_of_key(key);
  if (realms.empty() || realms.back() != realm) {
    realms.push_back(realm);
  }
}

void Batch::Impl::add(Operation operation, Family family, std::string_view key,
                      std::string_view value) {
  constexpr size_t kMaxField = std::numeric_limits<uint32_t>::max();
  if (key.size() > kMaxField || value.size() > kMaxField) {
    throw std::length_error("a key or value of a batch is larger than 4 GiB");
  }
  note_realm(key);
  const Head head{operation, family, static_cast<uint32_t>(key.size()),
                  static_cast<uint32_t>(value.size())};
  if (records.empty()) {
    records.reserve(sizeof head + key.size() + value.size() + kFirstReserve);
  }
  records.append(reinterpret_cast<const char*>(&head), sizeof head);
  records.append(key);
  records.append(value);
  ++count;
}

std::vector<std::function<void(uint64_t)>> Batch::Impl::take_actions_and_clear() {
  records.clear();
  count = 0;
  realms.clear();
  return std::exchange(actions, {});
}

Batch::Batch() : impl_(std::make_unique<Impl>()) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::put(Family family, std::string_view key, std::string_view value) {
  impl_->add(Impl::Operation::put, family, key, value);
}

void Batch::erase(Family family, std::string_view key) {
  impl_->add(Impl::Operation::erase, family, key, {});
}

void Batch::erase_range(Family family, std::string_view begin, std::string_view end) {
  impl_->add(Impl::Operation::erase_range, family, begin, end);
}

void Batch::require_alive(RealmId realm) {
  impl_->realms.push_back(realm);
}

bool Batch::empty() const {
  return impl_->count == 0;
}

size_t Batch::bytes() const {
  return impl_->records.size();
}

void Batch::after_commit(std::function<void(uint64_t commit)> action) {
  impl_->actions.push_back(std::move(action));
}

}  // namespace paddock::storage
