#include "examples/wordtree/counter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "examples/wordtree/byte_order.hpp"
#include "examples/wordtree/word_list.hpp"

namespace wordtree {
namespace {

constexpr std::size_t first_slots = 512;
constexpr std::size_t roomy_slots = 1u << 18;
constexpr std::size_t roomy_bytes = 4u << 20;
constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15ull;

std::uint64_t load(const char* p) {
  std::uint64_t n;
  std::memcpy(&n, p, sizeof n);
  return n;
}

/// The first eight bytes as a number that sorts as they do; zeros stand for what a short word lacks.
std::uint64_t head_of(std::string_view word) {
  if (word.size() >= 8) return load_big_endian(word.data());
  std::uint64_t head = 0;
  for (const char c : word) head = head << 8 | static_cast<unsigned char>(c);
  return word.empty() ? 0 : head << (64 - 8 * word.size());
}

std::uint32_t hash_of(std::string_view word, std::uint64_t head) {
  std::uint64_t h = (head ^ word.size()) * multiplier;
  if (word.size() > 8) {
    const char* const last = word.data() + word.size() - 8;
    for (const char* p = word.data() + 8; p < last; p += 8) h = ((h ^ h >> 32) ^ load(p)) * multiplier;
    h = ((h ^ h >> 32) ^ load(last)) * multiplier;
  }
  return static_cast<std::uint32_t>(h >> 32);
}

}  // namespace

std::uint32_t& word_counter::slot_of(std::string_view word, std::uint64_t head, std::uint32_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    if (slots_[at] == 0) return slots_[at];
    const entry& e = entries_[slots_[at] - 1];
    if (e.head == head && e.length == word.size() &&
        (word.size() <= 8 || std::memcmp(words_.data() + e.offset + 8, word.data() + 8, word.size() - 8) == 0)) {
      return slots_[at];
    }
  }
}

void word_counter::add(std::string_view word, std::uint64_t times) {
  if (slots_.size() < entries_.size() * 2 + 2) grow();
  const std::uint64_t head = head_of(word);
  const std::uint32_t hash = hash_of(word, head);
  std::uint32_t& slot = slot_of(word, head, hash);
  total_ += times;
  if (slot) {
    entries_[slot - 1].count += times;
    return;
  }
  constexpr std::size_t limit = std::numeric_limits<std::uint32_t>::max();
  if (word.size() >= limit || entries_.size() >= limit) throw std::length_error("too long or too many words");
  entries_.push_back({head, words_.size(), times, static_cast<std::uint32_t>(word.size()), hash});
  words_.append(word);
  slot = static_cast<std::uint32_t>(entries_.size());
}

void word_counter::grow() {
  const std::size_t size = std::max(first_slots, slots_.size() * 2);
  slots_.assign(size, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & (size - 1);
    while (slots_[at]) at = (at + 1) & (size - 1);
    slots_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

std::vector<const word_counter::entry*> word_counter::sorted() const {
  // Sorting within piles of one first byte compares much less than sorting all.
  std::array<std::uint32_t, 257> start{};
  for (const entry& e : entries_) ++start[(e.head >> 56) + 1];
  for (std::size_t i = 1; i < start.size(); ++i) start[i] += start[i - 1];
  std::vector<const entry*> piles(entries_.size());
  std::array<std::uint32_t, 257> next = start;
  for (const entry& e : entries_) piles[next[e.head >> 56]++] = &e;
  const auto before = [this](const entry* a, const entry* b) {
    return a->head != b->head ? a->head < b->head : word_of(*a) < word_of(*b);
  };
  for (std::size_t i = 0; i + 1 < start.size(); ++i) {
    std::sort(piles.begin() + start[i], piles.begin() + start[i + 1], before);
  }
  return piles;
}

std::size_t word_counter::common_bytes(const entry& a, const entry& b) const {
  if (a.head != b.head) return static_cast<std::size_t>(std::countl_zero(a.head ^ b.head)) / 8;
  const std::string_view x = word_of(a);
  const std::string_view y = word_of(b);
  const std::size_t shorter = std::min(x.size(), y.size());
  std::size_t at = std::min<std::size_t>(8, shorter);
  while (at < shorter && x[at] == y[at]) ++at;
  return at;
}

std::string word_counter::packed() const {
  word_list_writer list(entries_.size());
  const entry* last = nullptr;
  for (const entry* e : sorted()) {
    list.add_word(word_of(*e), last ? common_bytes(*last, *e) : 0);
    list.add_count(e->count);
    last = e;
  }
  return list.take();
}

void word_counter::clear() {
  // As many slots as this use would have needed: the next one is likely to be alike, and to clear many costs time.
  slots_.assign(std::max(first_slots, std::bit_ceil(entries_.size() * 2 + 2)), 0);
  if (slots_.capacity() > roomy_slots) slots_.shrink_to_fit();
  if (words_.capacity() > roomy_bytes) words_ = {};
  words_.clear();
  entries_.clear();
  total_ = 0;
}

}  // namespace wordtree
