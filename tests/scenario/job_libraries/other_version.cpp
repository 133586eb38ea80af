// What a library does that was built for a version that there is not.

#include <banyan/banyan.hpp>

namespace banyan::detail {

void register_function(function_entry entry, built_for<BANYAN_VERSION_MAJOR, BANYAN_VERSION_MINOR + 99> version);

static const bool done = [] {
  register_function({"from_tomorrow", nullptr, 0, nullptr}, {});
  return true;
}();

}  // namespace banyan::detail
