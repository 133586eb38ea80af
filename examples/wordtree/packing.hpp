#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wordtree {

/// Numbers in packed data are base 128, the least significant digit first; all digits but the last have bit 7 set.
inline void put_number(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

/// Takes a number off the front of `in`. Throws `std::runtime_error` if there is none.
inline std::uint64_t take_number(std::string_view& in) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto c = static_cast<unsigned char>(in[i]);
    n |= static_cast<std::uint64_t>(c & 0x7f) << (7 * i);
    if (c < 0x80) {
      in.remove_prefix(i + 1);
      return n;
    }
  }
  throw std::runtime_error("damaged packed data: a number was expected");
}

/// Takes `n` bytes off the front of `in`. Throws `std::runtime_error` if there are fewer.
inline std::string_view take_bytes(std::string_view& in, std::uint64_t n) {
  if (n > in.size()) throw std::runtime_error("damaged packed data: it ends too early");
  const std::string_view taken = in.substr(0, n);
  in.remove_prefix(n);
  return taken;
}

}  // namespace wordtree
