// refused: the handler takes a future of another type than this one results in
#include <banyan/banyan.hpp>

void reads(const banyan::future<std::string>& /*of*/) {}
BANYAN_FUNCTION(reads)

void adds(const banyan::future<int>& f) { f.on_success(reads); }
