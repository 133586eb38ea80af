// refused: a source has `std::vector<S> split(std::size_t n) const`
#include <banyan/banyan.hpp>

struct numbers {
  using page = std::vector<int>;
  std::optional<std::vector<int>> read(std::uint64_t /*limit*/) const { return std::nullopt; }
  std::optional<std::uint64_t> size() const { return 0; }
  MSGPACK_DEFINE(n)
  int n = 0;
};
BANYAN_SOURCE(numbers)
