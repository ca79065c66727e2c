// The scripts of our Node and Python runtimes, part of the program: generated from the folder
// runtimes/ by this folder's CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

namespace paddock::lambda {

struct SupportFile {
  std::string_view path;  // below the folder: "node/bootstrap.cjs"
  std::string_view text;
};
std::span<const SupportFile> support_files();

}  // namespace paddock::lambda
