// refused: a handler is a registered function, a fn or a closure
#include <banyan/banyan.hpp>

void adds(const banyan::future<int>& f) { f.on_success(banyan::handler(7)); }
