// refused: a lambda has no name that a record could hold
#include <banyan/banyan.hpp>

banyan::options with_handler() {
  return {.on_success = [](banyan::future<int> /*of*/) {}};
}
