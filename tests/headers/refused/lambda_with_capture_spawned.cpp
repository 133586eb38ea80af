// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

void spawns(banyan::context& ctx, int m) {
  ctx.spawn(
      {.name = "n"}, [m](int n) { return n + m; }, 1);
}
