// refused: a lambda has no name
#include <banyan/banyan.hpp>

void spawns(banyan::runtime& rt) {
  rt.spawn([](auto n) { return n; }, 1);
}
