#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace wordtree {

/// The bytes that words are made of: letters, digits and the underscore of ASCII. Everything else, be it a newline, a
/// NUL or a byte above 127, stands between words.
inline constexpr std::array<bool, 256> word_bytes = [] {
  std::array<bool, 256> is{};
  for (unsigned c = 0; c < is.size(); ++c) {
    is[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  }
  return is;
}();

inline bool is_word_byte(char c) { return word_bytes[static_cast<unsigned char>(c)]; }

/// Cuts bytes that come in pieces into words: maximal runs of word bytes, also across the pieces' borders.
/// Holds what there is so far of the word that a piece ended in, and nothing else.
class word_splitter {
 public:
  /// Calls `take(word)` for each word that ends within `piece`; `word` is valid during the call.
  template <class Take>
  void feed(std::string_view piece, Take&& take) {
    std::size_t at = 0;
    if (!open_.empty()) {
      at = word_end(piece, 0);
      open_.append(piece.substr(0, at));
      if (at == piece.size()) return;
      take(std::string_view(open_));
      open_.clear();
    }
    while (true) {
      while (at < piece.size() && !is_word_byte(piece[at])) ++at;
      const std::size_t end = word_end(piece, at);
      if (end == piece.size()) break;
      take(piece.substr(at, end - at));
      at = end + 1;
    }
    open_.assign(piece.substr(at));
  }

  /// Calls `take` for the word that the last piece ended in, if there is one.
  template <class Take>
  void finish(Take&& take) {
    if (!open_.empty()) take(std::string_view(open_));
    open_.clear();
  }

  /// The bytes so far of the word that the last piece ended in.
  std::size_t open_bytes() const { return open_.size(); }

 private:
  static std::size_t word_end(std::string_view piece, std::size_t at) {
    while (at < piece.size() && is_word_byte(piece[at])) ++at;
    return at;
  }

  std::string open_;
};

}  // namespace wordtree
