#include <banyan/detail/activation.hpp>
#include <banyan/future.hpp>

namespace banyan::detail {
namespace {

thread_local activation* current = nullptr;

}  // namespace

activation* current_activation() noexcept { return current; }

activation& require_activation(std::string_view call) {
  if (current) return *current;
  throw error(errc::invalid_argument, std::string(call) + " works only inside a future function; outside use get()");
}

activation_scope::activation_scope(activation* a) noexcept : previous_(current) { current = a; }

activation_scope::~activation_scope() { current = previous_; }

std::uint32_t decoding_runtime() noexcept { return current ? current->runtime_id() : 0; }

}  // namespace banyan::detail
