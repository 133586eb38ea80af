#pragma once

#include <string>

#include <banyan/banyan.hpp>

#include "examples/wordtree/results.hpp"

namespace wordtree {

/// The first pass: what is in a directory and all below it, and how many bytes that is. One future a directory.
banyan::task<measured> measure_directory(banyan::context& ctx, std::string path);

/// `name` in the directory `path`.
std::string path_of(const std::string& path, std::string_view name);

}  // namespace wordtree
