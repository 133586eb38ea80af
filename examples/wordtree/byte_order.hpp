#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace wordtree {

/// Eight bytes as a number that sorts as they do.
inline std::uint64_t load_big_endian(const char* p) {
  std::uint64_t n;
  std::memcpy(&n, p, sizeof n);
  if constexpr (std::endian::native == std::endian::little) n = __builtin_bswap64(n);
  return n;
}

}  // namespace wordtree
