// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

void binds(int m) {
  static_cast<void>(banyan::bind([m](int n) { return n + m; }, 1));
}
