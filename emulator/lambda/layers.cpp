#include "lambda/layers.hpp"

#include <filesystem>

#include "lambda/zip_package.hpp"

namespace paddock::lambda {
namespace layering {

namespace fs = std::filesystem;

// Moves what is in `from` into `into`. Only real folders are joined; all else takes the place of
// what has its name.
void merge(const fs::path& from, const fs::path& into) {
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = into / entry.path().filename();
    const fs::file_type present = fs::symlink_status(target).type();
    if (entry.symlink_status().type() == fs::file_type::directory &&
        present == fs::file_type::directory) {
      merge(entry.path(), target);
      continue;
    }
    if (present != fs::file_type::not_found) {
      fs::remove_all(target);
    }
    fs::rename(entry.path(), target);
  }
}

}  // namespace layering

std::string layers_key(const std::vector<std::shared_ptr<const CodePackage>>& layers) {
  std::string key = "layers";
  for (const auto& layer : layers) {
    key += '\n' + layer->key;
  }
  return key;
}

void unpack_layers(const std::vector<std::shared_ptr<const CodePackage>>& layers,
                   const std::string& folder, uint64_t most_bytes) {
  namespace fs = std::filesystem;
  for (const auto& layer : layers) {
    const fs::path own = folder + ".layer";
    fs::remove_all(own);
    fs::create_directories(own);
    unpack_package(layer->read(), own.string(), most_bytes);
    layering::merge(own, folder);
    fs::remove_all(own);
  }
}

}  // namespace paddock::lambda
