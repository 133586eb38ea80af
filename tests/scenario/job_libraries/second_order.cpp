// The same function once it has changed.

#include "order.hpp"

BANYAN_FUNCTION_VERSION(order, 2)
