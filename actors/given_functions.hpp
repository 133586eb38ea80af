#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banyan::detail {

/// The functions of the fns that a call of Banyan's own is given to call: in a critical section, debounced, one after
/// the other, over a source. Who runs it has to know them, too. None of other calls, and of what cannot be read.
/// `arguments` are all of the call's, encoded.
std::vector<std::string> given_functions(std::string_view function, std::string_view arguments);

/// The first of them that this program does not know; empty: it knows them all.
std::string unknown_given(std::string_view function, std::string_view arguments);

}  // namespace banyan::detail
