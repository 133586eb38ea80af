#include "persistence/register_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace banyan::detail {

register_cell::~register_cell() { std::free(data_); }

std::string_view register_cell::view() const {
  if (!data_) return {};
  std::uint32_t size = 0;
  std::memcpy(&size, data_, sizeof size);
  return {data_ + sizeof size, size};
}

void register_cell::assign(std::string_view value) {
  char* fresh = nullptr;
  if (!value.empty()) {
    const auto size = static_cast<std::uint32_t>(value.size());
    fresh = static_cast<char*>(std::malloc(sizeof size + size));
    if (!fresh) throw std::bad_alloc();
    std::memcpy(fresh, &size, sizeof size);
    std::memcpy(fresh + sizeof size, value.data(), size);
  }
  std::free(std::exchange(data_, fresh));
}

register_row::extras& register_row::rare() {
  if (!more) more = std::make_unique<extras>();
  return *more;
}

bool register_row::written() const {
  return !spec.empty() || !result.empty() || !gauge.empty() ||
         (more && (!more->state.empty() || !more->attempts.empty()));
}

record register_row::copy(std::uint64_t index) const {
  record r{index, bytes(spec.view()), bytes(result.view()), bytes(gauge.view()), {}, {}};
  if (more) {
    r.state = more->state.view();
    r.attempts.reserve(more->attempts.size());
    for (const register_cell& attempt : more->attempts) r.attempts.emplace_back(attempt.view());
  }
  return r;
}

register_table::chunk& register_table::grown_chunk(std::uint64_t number) {
  if (number == 0) return first_;
  if (!later_) later_ = std::make_unique<later_chunks>();
  if (number > near_chunks) return later_->far[number];
  if (number > later_->near.size()) later_->near.resize(number);
  return later_->near[number - 1];
}

register_row& register_table::at(std::uint64_t index) {
  const std::uint64_t number = index / chunk_rows;
  const std::size_t at = index % chunk_rows;
  chunk& rows = grown_chunk(number);
  if (at >= rows.size()) {
    // The first chunk grows with small families; in a later one the rest is about to come.
    if (number != 0) rows.reserve(chunk_rows);
    rows.resize(at + 1);
  }
  return rows[at];
}

const register_table::chunk* register_table::find_chunk(std::uint64_t number) const {
  if (number == 0) return &first_;
  if (!later_) return nullptr;
  if (number <= near_chunks) return number <= later_->near.size() ? &later_->near[number - 1] : nullptr;
  const auto found = later_->far.find(number);
  return found == later_->far.end() ? nullptr : &found->second;
}

const register_row* register_table::find(std::uint64_t index) const {
  const chunk* rows = find_chunk(index / chunk_rows);
  const std::size_t at = index % chunk_rows;
  return rows && at < rows->size() ? &(*rows)[at] : nullptr;
}

std::optional<std::uint64_t> register_table::next_chunk(std::uint64_t number) const {
  if (number == 0 && !first_.empty()) return 0;
  if (!later_) return std::nullopt;
  for (number = std::max<std::uint64_t>(number, 1); number <= later_->near.size(); ++number) {
    if (!later_->near[number - 1].empty()) return number;
  }
  const auto found = later_->far.lower_bound(number);
  if (found == later_->far.end()) return std::nullopt;
  return found->first;
}

std::optional<std::uint64_t> register_table::copy(std::uint64_t first, std::size_t limit,
                                                  std::vector<record>& out) const {
  std::size_t at = first % chunk_rows;
  for (auto number = next_chunk(first / chunk_rows); number; number = next_chunk(*number + 1)) {
    if (*number != first / chunk_rows) at = 0;
    const chunk& rows = *find_chunk(*number);
    for (; at < rows.size(); ++at) {
      if (!rows[at].written()) continue;
      if (limit-- == 0) return *number * chunk_rows + at;
      out.push_back(rows[at].copy(*number * chunk_rows + at));
    }
  }
  return std::nullopt;
}

}  // namespace banyan::detail
