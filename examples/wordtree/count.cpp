#include "examples/wordtree/count.hpp"

#include <algorithm>
#include <string_view>

#include "examples/wordtree/words.hpp"

namespace wordtree {
namespace {

std::size_t leading_word_bytes(std::string_view piece) {
  return static_cast<std::size_t>(std::find_if_not(piece.begin(), piece.end(), is_word_byte) - piece.begin());
}

}  // namespace

std::uint64_t count_words(const std::string& path, byte_range range, word_counter& counter,
                          const std::function<void()>& between_pieces) {
  file_reader file(path);
  word_splitter words;
  const auto take = [&counter](std::string_view word) { counter.add(word); };

  bool skipping = false;  // the rest of a word that started before the range
  if (range.begin > 0) {
    const std::string_view before = file.read(range.begin - 1, 1);
    skipping = !before.empty() && is_word_byte(before.front());
  }

  std::uint64_t at = range.begin;
  while (at < range.end) {
    std::string_view piece = file.read(at, range.end - at);
    if (piece.empty()) break;
    at += piece.size();
    if (skipping) {
      const std::size_t rest = leading_word_bytes(piece);
      skipping = rest == piece.size();
      piece.remove_prefix(rest);
    }
    words.feed(piece, take);
    if (words.open_bytes() > longest_word) throw file_error("it holds a word of more than 64 MiB");
    between_pieces();
  }
  const std::uint64_t own_bytes = at - range.begin;

  while (words.open_bytes() > 0) {  // the last word goes on behind the range
    const std::string_view piece = file.read(at);
    const std::size_t rest = leading_word_bytes(piece);
    if (rest == 0) break;
    words.feed(piece.substr(0, rest), take);
    if (rest < piece.size()) break;
    if (words.open_bytes() > longest_word) throw file_error("it holds a word of more than 64 MiB");
    at += rest;
    between_pieces();
  }
  words.finish(take);
  return own_bytes;
}

}  // namespace wordtree
