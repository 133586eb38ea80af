#include "examples/wordtree/inventory.hpp"

#include <stdexcept>

#include "examples/wordtree/packing.hpp"

namespace wordtree {
namespace {

file_kind take_kind(std::string_view& in) {
  const auto kind = static_cast<file_kind>(take_bytes(in, 1).front());
  if (kind != file_kind::file && kind != file_kind::directory && kind != file_kind::unreadable) {
    throw std::runtime_error("damaged inventory: an unknown kind of entry");
  }
  return kind;
}

}  // namespace

void add_entry(std::string& inventory, const inventory_entry& entry) {
  inventory += static_cast<char>(entry.kind);
  put_number(inventory, entry.name.size());
  inventory += entry.name;
  put_number(inventory, entry.bytes);
  put_number(inventory, entry.inside.size());
  inventory += entry.inside;
}

std::vector<inventory_entry> entries_of(std::string_view inventory) {
  std::vector<inventory_entry> entries;
  while (!inventory.empty()) {
    inventory_entry& entry = entries.emplace_back();
    entry.kind = take_kind(inventory);
    entry.name = take_bytes(inventory, take_number(inventory));
    entry.bytes = take_number(inventory);
    entry.inside = take_bytes(inventory, take_number(inventory));
  }
  return entries;
}

}  // namespace wordtree
