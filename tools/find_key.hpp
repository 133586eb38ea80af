#pragma once

#include <string_view>

#include <banyan/key.hpp>

#include "persistence/future_view.hpp"
#include "persistence/store.hpp"

namespace banyan::tools {

/// The key that a text names: a whole key, or the first 6 or more characters of a root's key where there is only one
/// such root. Throws `error`: `bad_key`, `not_found`, `invalid_argument` where there are several.
key find_key(detail::store& s, std::string_view text);

/// The view of what a text names. Throws `error` (`not_found`) as well.
detail::future_view find_view(detail::store& s, std::string_view text);

}  // namespace banyan::tools
