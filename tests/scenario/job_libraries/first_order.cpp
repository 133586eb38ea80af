// A function as it was at first.

#include "order.hpp"

BANYAN_FUNCTION(order)
