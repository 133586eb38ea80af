// refused: combine takes a function R(R, T)
#include <banyan/banyan.hpp>

int adds(long a, int b) { return static_cast<int>(a) + b; }
BANYAN_FUNCTION(adds)

banyan::handler folds() { return banyan::combine(0, adds); }
