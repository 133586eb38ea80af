// refused: map takes a page of this source
#include <banyan/banyan.hpp>

int maps(std::string /*page*/) { return 1; }
BANYAN_FUNCTION(maps)

int combines(int a, int b) { return a + b; }
BANYAN_FUNCTION(combines)

auto call() { return banyan::map_reduce(banyan::items<int>({1}), maps, combines, 0); }
