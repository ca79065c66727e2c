// GET / and /{proxy+}: the pages of a workshop, from the folder SITE_FOLDER of this machine;
// config.js is made of SITE_CONFIG. Stands in for a website on S3.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

struct MediaType {
  const char* extension;
  const char* name;
};
constexpr std::array kMediaTypes{MediaType{".html", "text/html; charset=utf-8"},
                                 MediaType{".css", "text/css"}, MediaType{".js", "text/javascript"},
                                 MediaType{".svg", "image/svg+xml"}};

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  std::string name = sdk::path_parameter(request, "proxy");
  if (name.empty()) name = "index.html";
  if (name == "config.js") {
    return sdk::file_page("text/javascript", sdk::required_environment("SITE_CONFIG"));
  }
  const std::filesystem::path folder = sdk::required_environment("SITE_FOLDER");
  // A plain name in the folder: nothing leads out of it.
  for (const MediaType& type : kMediaTypes) {
    if (name.find('/') != std::string::npos) break;
    if (std::filesystem::path(name).extension() != type.extension) continue;
    std::ifstream file(folder / name, std::ios::binary);
    if (!file) break;
    return sdk::file_page(type.name, {std::istreambuf_iterator<char>(file), {}});
  }
  return sdk::html_page(404, "Not found",
                        "<p>There is no page " + sdk::html_escape(name) + ".</p>");
}
