// refused: the operator() of a closure is const
#include <banyan/banyan.hpp>

struct counts {
  int n = 0;
  int operator()(int by) { return n += by; }
  MSGPACK_DEFINE(n)
};
BANYAN_CLOSURE(counts)
