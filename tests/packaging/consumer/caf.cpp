#include <banyan/banyan.hpp>
#include <banyan/caf.hpp>

int main() {}
