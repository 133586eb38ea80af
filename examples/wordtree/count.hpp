#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "examples/wordtree/counter.hpp"
#include "examples/wordtree/files.hpp"

namespace wordtree {

/// A longer word makes its file unreadable. While a word is read all of it is held in memory.
inline constexpr std::uint64_t longest_word = 64u << 20;

/// Counts the words that start in `range` into `counter`: a word at the range's begin that goes on from before belongs
/// to an earlier range, and the last word is read to its end, also behind the range's. So ranges that cover a file,
/// each counted once, count each word once. Returns the number of the range's own bytes that were there.
/// Calls `between_pieces` now and then; it may throw to give up.
/// Throws `file_error` if the file cannot be read, also for a word that is too long.
std::uint64_t count_words(
    const std::string& path, byte_range range, word_counter& counter,
    const std::function<void()>& between_pieces = [] {});

}  // namespace wordtree
