// refused: a source has `std::optional<page> read(std::uint64_t limit) const`
#include <banyan/banyan.hpp>

struct numbers {
  using page = std::vector<int>;
  std::vector<numbers> split(std::size_t /*n*/) const { return {}; }
  std::optional<std::uint64_t> size() const { return 0; }
  MSGPACK_DEFINE(n)
  int n = 0;
};
BANYAN_SOURCE(numbers)
