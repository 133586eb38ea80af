#include <banyan/banyan.hpp>

int answer() { return 42; }
BANYAN_FUNCTION(answer)

int main(int argc, char** argv) { return banyan::node_main(argc, argv); }
