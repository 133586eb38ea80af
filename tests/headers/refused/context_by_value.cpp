// refused: a future function takes its context by reference, first and once
#include <banyan/banyan.hpp>

int by_value(banyan::context /*ctx*/, int n) { return n; }
BANYAN_FUNCTION(by_value)
