#include "lambda/zip_package.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

namespace paddock::lambda {
namespace package {

constexpr size_t kPiece = 64 * 1024;
constexpr size_t kMostName = 4096;
constexpr size_t kMostLink = 4096;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using File = std::unique_ptr<zip_file_t, CloseFile>;

struct Entry {
  zip_uint64_t index = 0;
  std::string name;  // "src/main.js", without a trailing '/'
  bool folder = false;
  bool link = false;
  mode_t mode = 0;  // permission bits; 0 = the archive does not say
};

// `zip` must outlive the archive.
Archive open(std::string_view zip) {
  if (zip.empty()) throw BadPackage("not a zip archive: it is empty");  // libzip takes that for one
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  if (!source) throw BadPackage("no memory for the archive");
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (!archive) {
    zip_source_free(source);
    std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw BadPackage("not a zip archive: " + why);
  }
  return Archive(archive);
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= name.size()) {
    const size_t slash = std::min(name.find('/', begin), name.size());
    parts.push_back(name.substr(begin, slash - begin));
    begin = slash + 1;
  }
  return parts;
}

// Throws for a name that does not lie plainly below the folder.
void check_name(const std::string& name) {
  if (name.empty() || name.size() > kMostName || name.find('\0') != std::string::npos) {
    throw BadPackage("an entry's name is empty or too long");
  }
  if (name.front() == '/') throw BadPackage("an entry has an absolute path: " + name);
  for (const std::string& part : parts_of(name)) {
    if (part == "..") throw BadPackage("an entry leaves the folder: " + name);
  }
}

// A link may climb to the folder's top at most, and only at its beginning: what follows then passes
// through folders and links that were all checked alike.
void check_link(const Entry& entry, const std::string& target) {
  const auto refuse = [&] { throw BadPackage("a link leaves the folder: " + entry.name); };
  if (target.empty() || target.size() > kMostLink || target.front() == '/' ||
      target.find('\0') != std::string::npos) {
    refuse();
  }
  size_t depth = 0;
  for (const std::string& part : parts_of(entry.name)) depth += !part.empty() && part != ".";
  depth -= 1;
  bool climbing = true;
  for (const std::string& part : parts_of(target)) {
    if (part != "..") {
      climbing = climbing && (part.empty() || part == ".");
    } else if (!climbing || depth-- == 0) {
      refuse();
    }
  }
}

Entry entry_at(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat) {
  Entry entry;
  entry.index = index;
  entry.name = stat.name;
  check_name(entry.name);
  while (!entry.name.empty() && entry.name.back() == '/') {
    entry.folder = true;
    entry.name.pop_back();
  }
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, index, 0, &system, &attributes);
  if (system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X) {
    const mode_t mode = static_cast<mode_t>(attributes >> 16);
    entry.link = S_ISLNK(mode);
    entry.folder = entry.folder || S_ISDIR(mode);
    entry.mode = mode & 0777;
    const mode_t type = mode & S_IFMT;
    if (type != 0 && !S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode)) {
      throw BadPackage("an entry is neither file, folder nor link: " + entry.name);
    }
  }
  return entry;
}

using Sink = std::function<void(const char* bytes, size_t size)>;

// The entry's bytes, counted into `total`.
void read_entry(zip_t* archive, const Entry& entry, uint64_t most_bytes, uint64_t& total,
                const Sink& sink) {
  const File file(zip_fopen_index(archive, entry.index, 0));
  if (!file) throw BadPackage(entry.name + ": " + zip_strerror(archive));
  std::vector<char> piece(kPiece);
  for (;;) {
    const zip_int64_t size = zip_fread(file.get(), piece.data(), piece.size());
    if (size < 0) throw BadPackage(entry.name + ": " + zip_file_strerror(file.get()));
    if (size == 0) return;
    total += static_cast<uint64_t>(size);
    if (total > most_bytes) throw PackageTooLarge();
    sink(piece.data(), static_cast<size_t>(size));
  }
}

std::vector<Entry> entries_of(zip_t* archive, uint64_t most_bytes) {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count < 0 || static_cast<size_t>(count) > kMostPackageEntries) {
    throw BadPackage("the archive has too many entries");
  }
  std::vector<Entry> entries;
  std::set<std::string> leaves;
  uint64_t promised = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive, i, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME)) {
      throw BadPackage(zip_strerror(archive));
    }
    if (stat.valid & ZIP_STAT_SIZE) {
      if (stat.size > most_bytes || promised + stat.size > most_bytes) throw PackageTooLarge();
      promised += stat.size;
    }
    Entry entry = entry_at(archive, i, stat);
    if (!entry.folder && !leaves.insert(entry.name).second) {
      throw BadPackage("an entry comes twice: " + entry.name);
    }
    entries.push_back(std::move(entry));
  }
  for (const Entry& entry : entries) {
    for (size_t slash = entry.name.find('/'); slash != std::string::npos;
         slash = entry.name.find('/', slash + 1)) {
      if (leaves.count(entry.name.substr(0, slash))) {
        throw BadPackage("an entry lies below a file or link: " + entry.name);
      }
    }
    if (entry.folder && leaves.count(entry.name)) {
      throw BadPackage("an entry is both folder and file: " + entry.name);
    }
  }
  return entries;
}

std::string link_target(zip_t* archive, const Entry& entry, uint64_t most_bytes, uint64_t& total) {
  std::string target;
  read_entry(archive, entry, most_bytes, total, [&](const char* bytes, size_t size) {
    if (target.size() + size > kMostLink) throw BadPackage("a link is too long: " + entry.name);
    target.append(bytes, size);
  });
  check_link(entry, target);
  return target;
}

[[noreturn]] void refused_by_disk(const std::string& path) {
  throw std::runtime_error(path + ": " + std::strerror(errno));
}

void write_all(int fd, const char* bytes, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refused_by_disk(path);
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw std::runtime_error(path.string() + ": " + error.message());
}

void write_file(zip_t* archive, const Entry& entry, const std::string& path, uint64_t most_bytes,
                uint64_t& total) {
  const mode_t mode = entry.mode == 0 ? 0644 : entry.mode | 0600;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) refused_by_disk(path);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd,
                                                                [](const int* it) { close(*it); });
  read_entry(archive, entry, most_bytes, total,
             [&](const char* bytes, size_t size) { write_all(fd, bytes, size, path); });
  if (fchmod(fd, mode) != 0) refused_by_disk(path);
}

}  // namespace package

PackageFacts check_package(std::string_view zip, uint64_t most_bytes) {
  const package::Archive archive = package::open(zip);
  PackageFacts facts;
  for (const package::Entry& entry : package::entries_of(archive.get(), most_bytes)) {
    if (entry.link) {
      package::link_target(archive.get(), entry, most_bytes, facts.bytes);
    } else if (!entry.folder) {
      package::read_entry(archive.get(), entry, most_bytes, facts.bytes,
                          [](const char*, size_t) {});
    }
    if (!entry.folder && entry.name == "bootstrap") facts.has_bootstrap = true;
  }
  return facts;
}

void unpack_package(std::string_view zip, const std::string& folder, uint64_t most_bytes) {
  const package::Archive archive = package::open(zip);
  const std::vector<package::Entry> entries = package::entries_of(archive.get(), most_bytes);
  const std::filesystem::path root(folder);
  uint64_t total = 0;
  for (const package::Entry& entry : entries) {
    const std::filesystem::path path = root / entry.name;
    if (entry.folder) {
      package::make_folder(path);
    } else if (!entry.link) {
      package::make_folder(path.parent_path());
      package::write_file(archive.get(), entry, path.string(), most_bytes, total);
    }
  }
  for (const package::Entry& entry : entries) {
    if (!entry.link) continue;
    const std::filesystem::path path = root / entry.name;
    const std::string target = package::link_target(archive.get(), entry, most_bytes, total);
    package::make_folder(path.parent_path());
    if (symlink(target.c_str(), path.c_str()) != 0) package::refused_by_disk(path.string());
  }
}

}  // namespace paddock::lambda
