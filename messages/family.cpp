#include "messages/family.hpp"

#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace banyan::detail {
namespace {

constexpr std::uint64_t time_mask = ~0ull << 16;

/// Serialised byte by byte, so that keys are the same on machines of either byte order.
void put_u64(unsigned char* out, std::uint64_t v) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<unsigned char>(v >> (56 - 8 * i));
}

}  // namespace

family_id random_family(std::int64_t now_ms) {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return {(static_cast<std::uint64_t>(now_ms) << 16) | (generator() & 0xFFFF), generator()};
}

family_id named_family(std::string_view id) {
  const XXH128_hash_t h = XXH3_128bits(id.data(), id.size());
  return {h.high64, h.low64};
}

family_id child_family(const key& parent, std::uint32_t attempt) {
  unsigned char input[32];
  put_u64(input, parent.family.hi);
  put_u64(input + 8, parent.family.lo);
  put_u64(input + 16, parent.index);
  put_u64(input + 24, attempt);
  const XXH128_hash_t h = XXH3_128bits(input, sizeof input);
  return {(parent.family.hi & time_mask) | (h.high64 & ~time_mask), h.low64};
}

std::uint64_t call_digest(std::string_view function, std::string_view arguments) {
  return XXH3_64bits_withSeed(arguments.data(), arguments.size(), XXH3_64bits(function.data(), function.size()));
}

}  // namespace banyan::detail
