// refused: what comes then takes the result of the future, exactly, and nothing else
#include <banyan/banyan.hpp>

int takes_text(std::string text) { return static_cast<int>(text.size()); }
BANYAN_FUNCTION(takes_text)

auto call(const banyan::future<int>& f) { return banyan::then(f, takes_text); }
