#include <banyan/error.hpp>
#include <banyan/sources.hpp>

#include "actors/function_registry.hpp"
#include "actors/payload.hpp"

namespace banyan {

std::optional<index_range> index_range::read(std::uint64_t limit) const {
  if (*size() > limit) return std::nullopt;
  return *this;
}

std::vector<index_range> index_range::split(std::size_t n) const {
  const std::uint64_t all = *size();
  const std::uint64_t count = std::min<std::uint64_t>(n, all);
  std::vector<index_range> parts;
  for (std::uint64_t i = 0; i < count; ++i) {
    parts.push_back({first + detail::part_begin(all, count, i), first + detail::part_begin(all, count, i + 1)});
  }
  return parts;
}

namespace detail {
namespace {

/// Registers the functions of a source under the names in which `calls_of_own` looks for them.
template <source S>
void register_source(const std::string& name) {
  using f = source_functions<S>;
  registration(name + ".size", &f::size);
  registration(name + ".split", &f::split);
  registration(name + ".read", &f::read);
  registration(name + ".read_all", &f::read_all);
}

}  // namespace

void register_own_sources() {
  static const bool once = [] {
    register_source<index_range>(index_range::own_name);
    // Whatever they are.
    register_source<items<payload>>(items<payload>::own_name);
    register_source<lines_of>(lines_of::own_name);
    register_source<entries_of>(entries_of::own_name);
    register_source<fields_of>(fields_of::own_name);
    return true;
  }();
  static_cast<void>(once);
}

source_calls calls_of_own(const char* name, bool pure) {
  const auto call = [&](const char* what) { return bound_call{std::string(name) + what, 0, {}}; };
  return {call(".size"), call(".split"), call(".read"), call(".read_all"), pure};
}

bound_call source_call(any_function f, const char* source) {
  try {
    return {entry_of(f, source).name, 0, {}};
  } catch (const error& e) {
    throw error(e.code(), type_name(source) + " is not registered: put BANYAN_SOURCE(its_name) after its definition");
  }
}

}  // namespace detail
}  // namespace banyan
