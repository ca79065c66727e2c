// Layers of a function as one folder, what AWS mounts at /opt.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lambda/functions.hpp"

namespace paddock::lambda {

// Names the packages in their order: equal keys have equal folders.
std::string layers_key(const std::vector<std::shared_ptr<const CodePackage>>& layers);

// Unpacks the packages into `folder`, which must exist and be empty: files of later ones take the
// place of earlier ones'. No link is followed on the way. May wait. Throws BadPackage,
// PackageTooLarge, std::runtime_error.
void unpack_layers(const std::vector<std::shared_ptr<const CodePackage>>& layers,
                   const std::string& folder, uint64_t most_bytes);

}  // namespace paddock::lambda
