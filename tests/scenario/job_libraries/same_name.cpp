// A library whose function has the name of another library's.

#include <banyan/banyan.hpp>

int greet_otherwise(int n) { return n; }
BANYAN_FUNCTION_AS(greet_otherwise, "greet")
