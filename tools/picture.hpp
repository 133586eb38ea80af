#pragma once

#include <string>
#include <vector>

#include "persistence/future_view.hpp"
#include "tools/screen.hpp"

namespace banyan::tools {

/// A picture of a future and what of the tree below it has not ended, the heaviest first, in lines that fit `size`. It
/// looks at no more families than it has lines.
std::vector<std::string> draw_tree(detail::view_source& source, const detail::future_view& top, detail::millis now,
                                   screen_size size);

/// "45%  2m 3s, about 2m 30s left": how far it is, for how long it has been running, and its likely rest.
std::string advance_text(const detail::future_view& v, detail::millis now);

}  // namespace banyan::tools
