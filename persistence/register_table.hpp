#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/store.hpp"

namespace banyan::detail {

/// One register's bytes in an allocation of their own, or nothing: 8 bytes when it is empty.
class register_cell {
 public:
  register_cell() = default;
  register_cell(register_cell&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  register_cell& operator=(register_cell&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~register_cell();

  bool empty() const { return data_ == nullptr; }
  std::string_view view() const;
  /// At most `max_register_bytes`.
  void assign(std::string_view value);

 private:
  char* data_ = nullptr;  ///< the size, then the bytes
};

/// The registers of one number of a family.
struct register_row {
  /// What few futures have.
  struct extras {
    register_cell state;
    std::vector<register_cell> attempts;
  };

  register_cell spec;
  register_cell result;
  register_cell gauge;
  std::unique_ptr<extras> more;

  extras& rare();
  bool written() const;
  record copy(std::uint64_t index) const;
};

/// The rows of one family by their numbers. Numbers are dense as a rule: rows are kept in chunks of 256, found by
/// index for the first 2^24 numbers and by search above. A family of a single row takes a chunk of one row.
class register_table {
 public:
  static constexpr std::uint64_t chunk_rows = 256;

  register_row& at(std::uint64_t index);
  const register_row* find(std::uint64_t index) const;

  /// Appends copies of up to `limit` written rows from number `first` on. Returns the number to go on from, or
  /// nothing at the end.
  std::optional<std::uint64_t> copy(std::uint64_t first, std::size_t limit, std::vector<record>& out) const;

 private:
  using chunk = std::vector<register_row>;

  /// All chunks but the first: small families have none, and pay 8 bytes for it.
  struct later_chunks {
    std::vector<chunk> near;  ///< [n] is chunk n + 1
    std::map<std::uint64_t, chunk> far;
  };

  chunk& grown_chunk(std::uint64_t number);
  const chunk* find_chunk(std::uint64_t number) const;
  /// The lowest chunk that is not empty, from `number` on.
  std::optional<std::uint64_t> next_chunk(std::uint64_t number) const;

  static constexpr std::uint64_t near_chunks = 65536;
  chunk first_;
  std::unique_ptr<later_chunks> later_;
};

}  // namespace banyan::detail
