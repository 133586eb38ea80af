#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/wordtree/packing.hpp"

namespace wordtree {

/// A word list is how tables of words travel: by rising words, each as the number of bytes it has in common with the
/// one before it, the number of its other bytes, these, and its count.
/// Equal tables give equal bytes, and lists are merged without ever being unpacked as a whole (merge.hpp).
/// The empty string is the empty list.

class word_list_writer {
 public:
  explicit word_list_writer(std::size_t expected_words = 0) { out_.reserve(expected_words * 10); }

  /// `word` is above the last one and shares its first `common` bytes, and not one more, with it. Each word gets its
  /// count before the next one comes.
  void add_word(std::string_view word, std::size_t common) {
    put(common);
    put(word.size() - common);
    flush();
    out_.append(word.substr(common));
  }
  void add_count(std::uint64_t count) { put(count); }

  std::string take() {
    flush();
    return std::move(out_);
  }

 private:
  void put(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7) numbers_[used_++] = static_cast<char>(n | 0x80);
    numbers_[used_++] = static_cast<char>(n);
  }
  void flush() {
    out_.append(numbers_.data(), used_);
    used_ = 0;
  }

  std::string out_;
  std::array<char, 30> numbers_;  ///< what stands between the bytes of two words: a count and two lengths
  std::size_t used_ = 0;
};

/// Walks through a word list; `list` must outlive it.
class word_list_reader {
 public:
  explicit word_list_reader(std::string_view list) : rest_(list) {}

  /// Goes to the first or next word; false at the end. Throws `std::runtime_error` if the list is damaged.
  bool next();

  /// The present word. Eight zero bytes follow it, so that words can be compared eight bytes at a time.
  std::string_view word() const { return {word_.data(), length_}; }
  std::uint64_t count() const { return count_; }
  std::size_t common() const { return common_; }  ///< the bytes shared with the word before

 private:
  std::string_view rest_;
  std::string word_;  ///< may be longer than the word and its zeros
  std::size_t length_ = 0;
  std::size_t common_ = 0;
  std::uint64_t count_ = 0;
};

using counted_word = std::pair<std::string, std::uint64_t>;

/// What a finished list says as a whole.
struct list_summary {
  std::uint64_t distinct = 0;
  std::uint64_t words = 0;
  std::vector<counted_word> top;  ///< the most frequent first; of equally frequent ones the lesser bytes first
};
list_summary summarize(std::string_view list, std::size_t top);

}  // namespace wordtree
