// What a library does that was built for a version that there is not.

#include <banyan/banyan.hpp>

namespace banyan::detail {

using another_version = built_for<BANYAN_VERSION_MAJOR, BANYAN_VERSION_MINOR + 99>;
void register_function(function_entry entry, another_version version);

static const bool done = [] {
  register_function({"from_tomorrow", nullptr, 1, 0, nullptr}, another_version{});
  return true;
}();

}  // namespace banyan::detail
