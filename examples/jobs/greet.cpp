// The smallest job: a plain function.

#include <banyan/banyan.hpp>

std::string greet(const std::string& name) { return "Hello, " + name + "!"; }
BANYAN_FUNCTION(greet)
