#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wordtree {

/// How often each word was seen: an open-addressing hash table over words that lie one behind the other in one string.
/// Not for use by two threads at a time. `clear` keeps some of the memory for the next use.
class word_counter {
 public:
  /// Throws `std::length_error` for a word, or a number of words, of four billion or more.
  void add(std::string_view word, std::uint64_t times = 1);

  /// The words and their counts as a word list (word_list.hpp).
  std::string packed() const;

  std::size_t distinct() const { return entries_.size(); }
  std::uint64_t total() const { return total_; }
  void clear();

 private:
  struct entry {
    std::uint64_t head;  ///< the first eight bytes, so that most comparisons need not look further
    std::uint64_t offset;
    std::uint64_t count;
    std::uint32_t length;
    std::uint32_t hash;
  };

  std::string_view word_of(const entry& e) const { return {words_.data() + e.offset, e.length}; }
  std::uint32_t& slot_of(std::string_view word, std::uint64_t head, std::uint32_t hash);
  std::size_t common_bytes(const entry& a, const entry& b) const;
  std::vector<const entry*> sorted() const;
  void grow();

  std::string words_;
  std::vector<entry> entries_;
  std::vector<std::uint32_t> slots_;  ///< a power of two of them; an entry's number plus one, or 0
  std::uint64_t total_ = 0;
};

}  // namespace wordtree
