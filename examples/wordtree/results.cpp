#include "examples/wordtree/results.hpp"

#include <random>

namespace wordtree {

std::uint64_t this_process() {
  static const std::uint64_t number = [] {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }();
  return number;
}

void census::add(const census& child) {
  futures += child.futures;
  if (child.process == process) run += child.run;
}

void tally::add(const tally& part) {
  files += part.files;
  skipped += part.skipped;
  bytes += part.bytes;
  if (why.empty()) why = part.why;
  census.add(part.census);
}

}  // namespace wordtree
