// refused: a source has `std::optional<std::uint64_t> size() const`
#include <banyan/banyan.hpp>

struct numbers {
  using page = std::vector<int>;
  std::optional<std::vector<int>> read(std::uint64_t /*limit*/) const { return std::nullopt; }
  std::vector<numbers> split(std::size_t /*n*/) const { return {}; }
  MSGPACK_DEFINE(n)
  int n = 0;
};
BANYAN_SOURCE(numbers)
