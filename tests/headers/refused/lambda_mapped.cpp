// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

void maps(banyan::runtime& rt) {
  rt.map([](int n) { return n; }, std::vector<int>{1});
}
