#pragma once

#include <banyan/runtime.hpp>

namespace banyan::detail {

/// Reads `opts.config_file`, where one is named, into the options that still have their defaults. The file is in CAF's
/// configuration syntax, with a section `banyan`: `store`, `name`, `threads`, `retention` (as in `168h`), and `limits`
/// with `max-payload`, `max-depth`, `max-in-flight`, `max-crash-recoveries`, `max-blocking`.
/// Throws `error` (`invalid_argument`) that names the file and what is wrong in it.
runtime_options with_config_file(runtime_options opts);

}  // namespace banyan::detail
