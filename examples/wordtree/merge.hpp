#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wordtree {

/// Merges word lists into one; the counts of a word add up. Throws `std::runtime_error` if one is damaged.
std::string merge_lists(const std::vector<std::string_view>& lists);

/// Merges any number of word lists that come one by one. It holds them in tiers and merges a tier's lists into one of
/// the next when it is full: so each byte is merged a few times at most, and what it holds stays small however many
/// lists there are.
class list_merger {
 public:
  void add(std::string list);
  /// The merged list; leaves the merger empty.
  std::string finish();

 private:
  static constexpr std::size_t tier_size = 64;
  std::vector<std::vector<std::string>> tiers_;
};

}  // namespace wordtree
