#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/future_cell.hpp"
#include "actors/given_functions.hpp"
#include "messages/family.hpp"

namespace banyan::detail {

/// Finds out as which version the function runs. Where this program does not have it, parks the future: false.
bool future_cell::knows_function() {
  const std::string name(function_name());
  version_ = ticket_->version;
  if (version_ == any_version && (ticket_->history || ticket_->replaces)) {
    version_ = version_begun();
    ticket_->function = find_function({name, version_});
    if (!ticket_->function) ticket_->unknown_name = std::make_unique<std::string>(name);
  }
  const std::string unknown = unknown_given(name, ticket_->arguments);
  if (ticket_->function && unknown.empty()) {
    if (version_ == any_version) version_ = ticket_->function->version;
    return true;
  }
  load_history();
  const std::string wanted = "'" + (unknown.empty() ? to_string(function_ref{name, version_}) : unknown) + "'";
  const function_entry* const newest = unknown.empty() ? find_function({name, any_version}) : nullptr;
  park({errc::unknown_function,
        "this program has no function " + wanted +
            (newest ? ", only version " + std::to_string(newest->version) : std::string()) +
            "; the future goes on in one that has it",
        name, life_->self});
  return false;
}

/// Of a future that was called without a version: the one that the first to run it has recorded, or the first that ran
/// what it replaces; `any_version`: nothing was recorded yet.
std::uint32_t future_cell::version_begun() const {
  const auto of = [this](const key& k, std::uint32_t attempts) {
    for (std::uint32_t a = 1; a <= attempts; ++a) {
      const auto header = engine_.data().header(child_family(k, a));
      if (header && header->version != any_version) return header->version;
    }
    return any_version;
  };
  if (const std::uint32_t own = of(life_->self, cycle_.attempt()); own != any_version) return own;
  std::optional<predecessor> from;
  if (ticket_->replaces) from = *ticket_->replaces;
  while (from) {
    const auto earlier = engine_.data().find(from->what);
    if (!earlier) break;
    const auto begun = of(from->what, static_cast<std::uint32_t>(earlier->found.attempts.size() + 1));
    if (begun != any_version) return begun;
    from = decode_entry(earlier->found.spec).spec.replaces;
  }
  return any_version;
}

}  // namespace banyan::detail
