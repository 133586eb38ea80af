#pragma once

#include <cstdint>
#include <string>

#include <banyan/banyan.hpp>

#include "examples/wordtree/results.hpp"

namespace wordtree {

/// A file, or a part of one, above this size is split in halves.
inline constexpr std::uint64_t leaf_bytes = 1u << 20;

/// Counts a file that had `bytes` bytes when it was measured, as it is now: it is counted as a whole or skipped.
banyan::task<tally> count_file(banyan::context& ctx, std::string path, std::uint64_t bytes);

/// Counts all files below a directory, as the first pass found them: one future an entry.
banyan::task<tally> count_directory(banyan::context& ctx, std::string path, std::uint64_t bytes, blob inventory);

/// The job: the words in the file or in all files below the directory `path`. Its result holds the `top` most frequent.
banyan::task<summary> count_tree(banyan::context& ctx, std::string path, std::uint64_t top);

}  // namespace wordtree
