#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "examples/wordtree/files.hpp"

namespace wordtree {

/// What was found in a directory and all below it, in one string: by name, each entry's kind, name and bytes, and of a
/// directory its own inventory. So one level can be read without the levels below it.
struct inventory_entry {
  file_kind kind = file_kind::file;
  std::string_view name;
  std::uint64_t bytes = 0;  ///< of a directory: of all files below it
  std::string_view inside;  ///< of a directory
};

void add_entry(std::string& inventory, const inventory_entry& entry);

/// The entries of one level; they refer into `inventory`. Throws `std::runtime_error` if it is damaged.
std::vector<inventory_entry> entries_of(std::string_view inventory);

}  // namespace wordtree
