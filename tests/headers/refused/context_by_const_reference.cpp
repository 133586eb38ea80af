// refused: a future function takes its context by reference, first and once
#include <banyan/banyan.hpp>

int by_const_reference(const banyan::context& /*ctx*/) { return 1; }
BANYAN_FUNCTION(by_const_reference)
