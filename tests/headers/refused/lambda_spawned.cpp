// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

void spawns(banyan::runtime& rt) {
  rt.spawn([](int n) { return n; }, 1);
}
