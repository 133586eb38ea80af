#include "nodes/process_name.hpp"

#include <cerrno>

namespace banyan::detail {

std::string process_name() { return program_invocation_short_name; }

}  // namespace banyan::detail
