// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

void adds(const banyan::future<int>& f) {
  f.on_success([](banyan::future<int> /*of*/) {});
}
