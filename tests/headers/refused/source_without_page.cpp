// refused: a source says what its pages are
#include <banyan/banyan.hpp>

struct numbers {
  std::optional<std::vector<int>> read(std::uint64_t /*limit*/) const { return std::nullopt; }
  std::vector<numbers> split(std::size_t /*n*/) const { return {}; }
  std::optional<std::uint64_t> size() const { return 0; }
  MSGPACK_DEFINE(n)
  int n = 0;
};
BANYAN_SOURCE(numbers)
