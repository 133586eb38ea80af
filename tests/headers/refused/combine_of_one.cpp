// refused: combine takes two results of map and makes one of them
#include <banyan/banyan.hpp>

int maps(std::vector<int> /*page*/) { return 1; }
BANYAN_FUNCTION(maps)

int combines(int a) { return a; }
BANYAN_FUNCTION(combines)

auto call() { return banyan::map_reduce(banyan::items<int>({1}), maps, combines, 0); }
