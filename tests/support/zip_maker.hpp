// Zip archives made by hand, so that tests can write what no honest tool would.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <zlib.h>

#include "core/digest.hpp"

namespace paddock::testing {

struct ZipEntry {
  std::string name;
  std::string text;
  uint32_t mode = 0100644;  // as in stat: type and permissions
  bool deflated = false;
  int64_t promised_size = -1;  // what the archive says of its size; -1: the truth
};

inline std::string zip_number(uint64_t value, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

inline std::string raw_deflate(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(text.data()), text.size());
  packed.resize(size);
  return packed.substr(2, packed.size() - 6);  // without zlib's header and checksum
}

inline std::string make_zip(const std::vector<ZipEntry>& entries) {
  std::string files, directory;
  for (const ZipEntry& entry : entries) {
    const std::string body = entry.deflated ? raw_deflate(entry.text) : entry.text;
    const uint64_t size =
        entry.promised_size >= 0 ? static_cast<uint64_t>(entry.promised_size) : entry.text.size();
    const std::string facts =
        zip_number(0, 2) + zip_number(entry.deflated ? 8 : 0, 2) + zip_number(0, 2) +
        zip_number(0x21, 2) + zip_number(crc32(entry.text), 4) + zip_number(body.size(), 4) +
        zip_number(size, 4) + zip_number(entry.name.size(), 2) + zip_number(0, 2);
    directory += std::string("PK\x01\x02", 4) + zip_number(0x0314, 2) + zip_number(20, 2) + facts +
                 zip_number(0, 6) + zip_number(uint64_t{entry.mode} << 16, 4) +
                 zip_number(files.size(), 4) + entry.name;
    files += std::string("PK\x03\x04", 4) + zip_number(20, 2) + facts + entry.name + body;
  }
  return files + directory + std::string("PK\x05\x06", 4) + zip_number(0, 4) +
         zip_number(entries.size(), 2) + zip_number(entries.size(), 2) +
         zip_number(directory.size(), 4) + zip_number(files.size(), 4) + zip_number(0, 2);
}

}  // namespace paddock::testing
