#include <banyan/runtime.hpp>

#include "actors/engine.hpp"
#include "actors/live_view.hpp"
#include "actors/option_rules.hpp"
#include "actors/recurrence_functions.hpp"
#include "messages/family.hpp"
#include "nodes/node_list.hpp"
#include "nodes/runtime_core.hpp"

namespace banyan {

runtime::runtime(runtime_options opts) : runtime(std::move(opts), nullptr) {}

runtime::runtime(runtime_options opts, void* actor_system)
    : core_(std::make_unique<detail::runtime_core>(std::move(opts), actor_system)) {}

runtime::~runtime() = default;

std::shared_ptr<detail::engine> runtime::engine() const { return core_->engine(); }

future_handle runtime::spawn_root(const options& opts, detail::prepared_call call) {
  detail::check_id(opts.id.str());
  const auto e = engine();
  const detail::function_ref function{call.function->name, call.function->version};
  return {e->spawn_root(opts, function, std::move(call.arguments)), e->id()};
}

future_handle runtime::begin_recurrence(const every_options& opts, const schedule& when,
                                        const detail::bound_call& call) {
  const auto e = engine();
  return {detail::begin_recurrence(*e, opts, when, call), e->id()};
}

future_handle runtime::adopt_child(const key& parent, const options& opts, detail::prepared_call call) {
  const auto e = engine();
  return {e->adopt(parent, opts, *call.function, std::move(call.arguments)), e->id()};
}

future_handle runtime::find_handle(const key& k) {
  const auto e = engine();
  e->require_running();
  detail::live_view(e).require(k);
  return {k, e->id()};
}

key runtime::key_of(std::string_view id) { return {detail::named_family(id), 0}; }

std::vector<root_info> runtime::roots(const root_filter& filter) {
  const auto e = engine();
  e->require_running();
  std::vector<root_info> found;
  detail::live_view view(e);
  for (const detail::root_entry& entry : e->data().backend().roots(false)) {
    if (found.size() >= filter.limit) break;
    const auto v = detail::view_future(view, {entry.family, 0});
    if (!v) continue;
    if (filter.status && v->status != *filter.status) continue;
    if (!filter.name.empty() && v->name != filter.name) continue;
    if (!filter.function.empty() && v->function != filter.function) continue;
    found.push_back({v->key, v->name, v->function, v->status, v->progress,
                     std::chrono::system_clock::time_point(std::chrono::milliseconds(entry.created)),
                     entry.settled != 0});
  }
  return found;
}

std::vector<node_info> runtime::nodes() {
  const auto e = engine();
  e->require_running();
  return detail::list_nodes(e->data().backend(),
                            [&](detail::incarnation_id node) { return core_->connected_to(node); });
}

void runtime::wait_idle() { engine()->wait_idle(); }

void runtime::forget(const key& root) {
  const auto e = engine();
  e->require_running();
  e->collector().forget(root);
}

std::size_t runtime::collect_garbage(std::optional<std::chrono::seconds> age) {
  if (age && age->count() < 0) throw error(errc::invalid_argument, "collect_garbage: an age is not negative");
  const auto e = engine();
  e->require_running();
  return e->collector().collect(age);
}

void runtime::shutdown() { core_->shutdown(); }

}  // namespace banyan
