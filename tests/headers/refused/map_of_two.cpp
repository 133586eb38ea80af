// refused: map takes a page of the source, and nothing else
#include <banyan/banyan.hpp>

int maps(std::vector<int> /*page*/, int n) { return n; }
BANYAN_FUNCTION(maps)

int combines(int a, int b) { return a + b; }
BANYAN_FUNCTION(combines)

auto call() { return banyan::map_reduce(banyan::items<int>({1}), maps, combines, 0); }
