#include "examples/wordtree/word_list.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace wordtree {
namespace {

constexpr std::size_t zeros_after_word = 8;

[[noreturn]] void throw_damaged() { throw std::runtime_error("damaged word list"); }

/// The order in which words are shown.
bool ranks_before(const counted_word& a, const counted_word& b) {
  return a.second != b.second ? a.second > b.second : a.first < b.first;
}

}  // namespace

bool word_list_reader::next() {
  if (rest_.empty()) return false;
  const std::uint64_t common = take_number(rest_);
  const std::uint64_t other = take_number(rest_);
  if (common > length_ || other == 0 || other > rest_.size()) throw_damaged();
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  if (common < length_ && byte(word_[common]) >= byte(rest_.front())) throw_damaged();
  common_ = common;
  length_ = common + other;
  if (word_.size() < length_ + zeros_after_word) word_.resize(2 * length_ + zeros_after_word);
  std::memcpy(word_.data() + common, rest_.data(), other);
  std::memset(word_.data() + length_, 0, zeros_after_word);
  rest_.remove_prefix(other);
  count_ = take_number(rest_);
  return true;
}

list_summary summarize(std::string_view list, std::size_t top) {
  list_summary all;
  for (word_list_reader r(list); r.next();) {
    ++all.distinct;
    all.words += r.count();
    if (top == 0 || (all.top.size() == top && r.count() <= all.top.front().second)) continue;
    // A heap whose front is the last of the best; words come in rising order, so a later equal never ranks before.
    if (all.top.size() == top) {
      std::pop_heap(all.top.begin(), all.top.end(), ranks_before);
      all.top.pop_back();
    }
    all.top.emplace_back(std::string(r.word()), r.count());
    std::push_heap(all.top.begin(), all.top.end(), ranks_before);
  }
  std::sort_heap(all.top.begin(), all.top.end(), ranks_before);
  return all;
}

}  // namespace wordtree
