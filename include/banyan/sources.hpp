#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/source.hpp>

namespace banyan {

namespace detail {

/// Where part `i` of `n` begins: parts of `count` elements that differ by one element at most.
constexpr std::uint64_t part_begin(std::uint64_t count, std::uint64_t n, std::uint64_t i) {
  return count / n * i + std::min(i, count % n);
}

}  // namespace detail

/// The numbers from `first` up to, but not with, `last`; none where `last` is not above `first`. It is its own page.
struct index_range {
  using page = index_range;
  static constexpr bool pure = true;
  static constexpr const char* own_name = "banyan.index_range";

  std::uint64_t first = 0;
  std::uint64_t last = 0;

  class iterator {
   public:
    using value_type = std::uint64_t;
    using difference_type = std::int64_t;
    iterator() = default;
    explicit iterator(std::uint64_t at) : at_(at) {}
    std::uint64_t operator*() const { return at_; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) { return iterator(at_++); }
    difference_type operator-(const iterator& other) const { return static_cast<difference_type>(at_ - other.at_); }
    bool operator==(const iterator&) const = default;

   private:
    std::uint64_t at_ = 0;
  };
  iterator begin() const { return iterator(first); }
  iterator end() const { return iterator(std::max(first, last)); }

  std::optional<index_range> read(std::uint64_t limit) const;
  std::vector<index_range> split(std::size_t n) const;
  std::optional<std::uint64_t> size() const { return last > first ? last - first : 0; }

  bool operator==(const index_range&) const = default;
  MSGPACK_DEFINE(first, last)
};

/// The elements of a vector. They travel with the source: each level of shards records them once, together at most
/// `limits::max_payload`. `banyan::items(names)`.
template <class T>
class items {
  static_assert(!std::is_same_v<T, char> && !std::is_same_v<T, unsigned char>,
                "a vector of bytes travels as one value: use a vector of another integer");

 public:
  using page = std::vector<T>;
  static constexpr bool pure = true;
  static constexpr const char* own_name = "banyan.items";

  items() = default;
  explicit items(std::vector<T> all) : all_(std::move(all)) {}

  std::optional<page> read(std::uint64_t limit) const {
    if (all_.size() > limit) return std::nullopt;
    return all_;
  }
  std::vector<items> split(std::size_t n) const {
    std::vector<items> parts;
    n = std::min(n, all_.size());
    const auto at = [&](std::size_t i) {
      return all_.begin() + static_cast<std::ptrdiff_t>(detail::part_begin(all_.size(), n, i));
    };
    for (std::size_t i = 0; i < n; ++i) parts.emplace_back(page(at(i), at(i + 1)));
    return parts;
  }
  std::optional<std::uint64_t> size() const { return all_.size(); }

  MSGPACK_DEFINE(all_)

 private:
  std::vector<T> all_;
};

/// The lines of a file, without their newlines; all other bytes, also a carriage return, stay. A last line needs no
/// newline. It is split by bytes: a line belongs to the part in which it begins. A line is in memory as a whole.
///
/// The file is read wherever a shard runs, so all nodes have to see it under this path. What is appended while it is
/// gone through may be seen or not; other changes make lines appear in parts or twice. Throws `error` (`failed`) for a
/// file that cannot be read.
class lines_of {
 public:
  using page = std::vector<std::string>;
  static constexpr const char* own_name = "banyan.lines_of";

  lines_of() = default;
  explicit lines_of(std::string path) : path_(std::move(path)) {}
  /// The lines that begin at a byte from `begin` on, before `end`.
  lines_of(std::string path, std::uint64_t begin, std::uint64_t end)
      : path_(std::move(path)), begin_(begin), end_(end) {}

  std::optional<page> read(std::uint64_t limit) const;
  std::vector<lines_of> split(std::size_t n) const;
  std::optional<std::uint64_t> size() const { return std::nullopt; }

  bool operator==(const lines_of&) const = default;
  MSGPACK_DEFINE(path_, begin_, end_)

 private:
  std::string path_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = std::numeric_limits<std::uint64_t>::max();
};

/// The names in a directory, sorted, whatever they name, but for `.` and `..`; or, recursively, the paths below it, as
/// seen from it, of all that is no directory. Links are not followed. Each shard reads the directory anew, or that part
/// of the tree where its names are. Names that are there all the time are seen once.
///
/// All nodes have to see the directory under this path. Throws `error` (`failed`) for one that cannot be read.
class entries_of {
 public:
  using page = std::vector<std::string>;
  static constexpr const char* own_name = "banyan.entries_of";

  entries_of() = default;
  explicit entries_of(std::string directory, bool recursive = false)
      : directory_(std::move(directory)), recursive_(recursive) {}

  std::optional<page> read(std::uint64_t limit) const;
  std::vector<entries_of> split(std::size_t n) const;
  std::optional<std::uint64_t> size() const { return std::nullopt; }

  bool operator==(const entries_of&) const = default;
  MSGPACK_DEFINE(directory_, recursive_, from_, to_)

 private:
  std::string directory_;
  bool recursive_ = false;
  std::string from_;  ///< the first name that belongs to it
  std::string to_;    ///< the first behind it; empty: none is
};

/// The fields of a hash in a Redis, with their values, in no order that means something. `url` is that of a Redis as
/// for a store; it becomes a part of what is recorded, with the password if it holds one. A hash that is not there has
/// no fields.
///
/// A hash that stays as it is has each of its fields seen once. In one that changes, a field that is there all the time
/// is seen at least once; other fields may be seen or not. To split it takes reading it. Throws `error`: `bad_url`,
/// `store_unavailable`, `store_denied`, `failed` where the key holds no hash.
class fields_of {
 public:
  using page = std::vector<std::pair<std::string, std::string>>;
  static constexpr const char* own_name = "banyan.fields_of";

  fields_of() = default;
  fields_of(std::string url, std::string key) : url_(std::move(url)), key_(std::move(key)) {}

  std::optional<page> read(std::uint64_t limit) const;
  std::vector<fields_of> split(std::size_t n) const;
  /// Asks the server; of a part, what there was when it was split off.
  std::optional<std::uint64_t> size() const;

  bool operator==(const fields_of&) const = default;
  MSGPACK_DEFINE(url_, key_, from_, to_, slices_, slice_, size_)

 private:
  std::string url_;
  std::string key_;
  std::uint64_t from_ = 0;  ///< the cursor with which it begins
  std::uint64_t to_ = 0;    ///< that with which the next part does; 0: none is
  std::uint64_t slices_ = 1;
  std::uint64_t slice_ = 0;  ///< of what is between, the fields whose names fall into this one of `slices_`
  std::optional<std::uint64_t> size_;
};

}  // namespace banyan
