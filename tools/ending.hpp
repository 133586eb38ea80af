#pragma once

#include "persistence/future_view.hpp"

namespace banyan::tools {

/// The exit code for a future's result. What is no success is told on standard error.
int report_ending(const detail::future_view& v);

/// One line on standard error: "banyan: ...".
void complain(std::string_view what);

}  // namespace banyan::tools
