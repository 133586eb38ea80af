#include <banyan/sources.hpp>

#include <functional>
#include <string_view>
#include <unordered_set>

#include "messages/family.hpp"
#include "persistence/redis_hash.hpp"

namespace banyan {
namespace {

using detail::redis_hash;

std::uint64_t slice_of(std::string_view name, std::uint64_t slices) {
  return detail::call_digest("fields_of", name) % slices;
}

/// From a cursor up to, but not with, another; until `take` says false.
void walk(redis_hash& hash, std::uint64_t from, std::uint64_t to,
          const std::function<bool(redis_hash::piece& piece, std::uint64_t cursor)>& take) {
  for (std::uint64_t at = from;;) {
    redis_hash::piece p = hash.scan(at);
    if (!take(p, at) || p.next == 0 || (to != 0 && detail::at_or_behind(p.next, to))) return;
    at = p.next;
  }
}

}  // namespace

std::optional<std::uint64_t> fields_of::size() const { return size_ ? *size_ : redis_hash(url_, key_).length(); }

std::optional<fields_of::page> fields_of::read(std::uint64_t limit) const {
  redis_hash hash(url_, key_);
  page found;
  std::unordered_set<std::string> names;
  walk(hash, from_, to_, [&](redis_hash::piece& p, std::uint64_t) {
    for (auto& field : p.fields) {
      if (slice_of(field.first, slices_) == slice_ && names.insert(field.first).second) {
        found.push_back(std::move(field));
      }
    }
    return found.size() <= limit;
  });
  if (found.size() > limit) return std::nullopt;
  return found;
}

std::vector<fields_of> fields_of::split(std::size_t n) const {
  struct stretch {
    std::uint64_t from = 0;
    std::uint64_t count = 0;  ///< of fields in our slice
  };
  redis_hash hash(url_, key_);
  std::vector<stretch> stretches;
  std::vector<std::uint64_t> in_slice(n);
  walk(hash, from_, to_, [&](redis_hash::piece& p, std::uint64_t cursor) {
    stretches.push_back({cursor, 0});
    for (const auto& field : p.fields) {
      const std::uint64_t slice = slice_of(field.first, slices_ * n);
      if (slice % slices_ != slice_) continue;
      ++stretches.back().count;
      ++in_slice[slice / slices_];
    }
    return true;
  });
  std::vector<fields_of> parts;
  const auto add = [&]() -> fields_of& { return parts.emplace_back(*this); };
  if (stretches.size() > 1) {
    n = std::min(n, stretches.size());
    for (std::size_t i = 0; i < n; ++i) {
      fields_of& part = add();
      const std::uint64_t begin = detail::part_begin(stretches.size(), n, i);
      const std::uint64_t end = detail::part_begin(stretches.size(), n, i + 1);
      part.from_ = stretches[begin].from;
      if (end < stretches.size()) part.to_ = stretches[end].from;
      part.size_ = 0;
      for (std::uint64_t s = begin; s < end; ++s) *part.size_ += stretches[s].count;
    }
    return parts;
  }
  // What one command gives has no cursors in it.
  for (std::size_t i = 0; i < n; ++i) {
    fields_of& part = add();
    part.slices_ = slices_ * n;
    part.slice_ = slice_ + slices_ * i;
    part.size_ = in_slice[i];
  }
  return parts;
}

}  // namespace banyan
