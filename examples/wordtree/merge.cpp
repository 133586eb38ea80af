#include "examples/wordtree/merge.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "examples/wordtree/byte_order.hpp"
#include "examples/wordtree/word_list.hpp"

namespace wordtree {
namespace {

/// A tournament of the lists' present words: inner nodes hold the loser of the match there, so that only the matches on
/// one path from a leaf to the root are played for each word. Of two words that share a different number of bytes with
/// a word below both, the one that shares more is the lesser, so that most matches look at no byte at all.
class tournament {
 public:
  explicit tournament(const std::vector<std::string_view>& lists) {
    lists_.reserve(lists.size());
    for (const auto list : lists) lists_.emplace_back(list);
    losers_.resize(lists.size());
    winner_ = play(1);
  }

  bool over() const { return winner_.common < 0; }
  const word_list_reader& winner() const { return lists_[winner_.list]; }
  /// The bytes that the winner's word shares with the winner's before it.
  std::size_t common() const { return static_cast<std::size_t>(winner_.common); }

  /// Moves the winner's list on and finds the next winner.
  void advance() {
    contender up = entrant(winner_.list);
    for (std::size_t node = (up.list + lists_.size()) / 2; node >= 1; node /= 2) match(up, losers_[node]);
    winner_ = up;
  }

 private:
  struct contender {
    std::int64_t common = 0;  ///< the bytes that its word shares with the word that beat it; -1 at the end of its list
    std::size_t list = 0;
  };

  contender entrant(std::size_t list) {
    word_list_reader& reader = lists_[list];
    return {reader.next() ? static_cast<std::int64_t>(reader.common()) : -1, list};
  }

  contender play(std::size_t node) {
    if (node >= lists_.size()) return entrant(node - lists_.size());
    contender a = play(2 * node);
    contender b = play(2 * node + 1);
    match(a, b);
    losers_[node] = b;
    return a;
  }

  /// Leaves the lesser word's contender in `a`, the other in `b`.
  void match(contender& a, contender& b) {
    if (a.common > b.common) return;
    if (a.common < b.common || !holds(a, b)) std::swap(a, b);
  }

  /// Compares words that share equally much with the last winner; what beats keeps its number.
  bool holds(contender& a, contender& b) {
    if (a.common < 0) return true;
    const std::string_view x = lists_[a.list].word();
    const std::string_view y = lists_[b.list].word();
    auto at = static_cast<std::size_t>(a.common);
    while (true) {
      const std::uint64_t p = load_big_endian(x.data() + at);
      const std::uint64_t q = load_big_endian(y.data() + at);
      if (p != q) {
        const bool a_holds = p < q;
        at += static_cast<std::size_t>(std::countl_zero(p ^ q)) / 8;
        (a_holds ? b : a).common = static_cast<std::int64_t>(at);
        return a_holds;
      }
      at += 8;
      if (at > x.size()) {  // the zeros after the words were equal too
        b.common = static_cast<std::int64_t>(x.size());
        return true;
      }
    }
  }

  std::vector<word_list_reader> lists_;
  std::vector<contender> losers_;  ///< by inner node; the root is 1
  contender winner_;
};

}  // namespace

std::string merge_lists(const std::vector<std::string_view>& lists) {
  if (lists.empty()) return {};
  if (lists.size() == 1) return std::string(lists.front());
  std::size_t longest = 0;
  for (const auto list : lists) longest = std::max(longest, list.size());
  word_list_writer merged(longest / 8);
  std::uint64_t count = 0;
  for (tournament t(lists); !t.over(); t.advance()) {
    const std::string_view word = t.winner().word();
    if (t.common() == word.size()) {  // the same word as the last one
      count += t.winner().count();
      continue;
    }
    if (count) merged.add_count(count);
    merged.add_word(word, t.common());
    count = t.winner().count();
  }
  if (count) merged.add_count(count);
  return merged.take();
}

void list_merger::add(std::string list) {
  if (list.empty()) return;
  for (std::size_t tier = 0;; ++tier) {
    if (tier == tiers_.size()) tiers_.emplace_back();
    tiers_[tier].push_back(std::move(list));
    if (tiers_[tier].size() < tier_size) return;
    list = merge_lists({tiers_[tier].begin(), tiers_[tier].end()});
    tiers_[tier].clear();
  }
}

std::string list_merger::finish() {
  std::vector<std::string_view> lists;
  for (const auto& tier : tiers_) lists.insert(lists.end(), tier.begin(), tier.end());
  std::string merged = merge_lists(lists);
  tiers_.clear();
  return merged;
}

}  // namespace wordtree
