#include <banyan/runtime.hpp>

#include <algorithm>
#include <thread>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/live_view.hpp"
#include "messages/family.hpp"
#include "nodes/config_file.hpp"
#include "nodes/default_log.hpp"
#include "nodes/process_name.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan {
namespace {

void check_limits(const limits& l) {
  if (l.max_depth == 0 || l.max_depth > detail::default_max_depth) {
    throw error(errc::invalid_argument, "limits: max_depth is from 1 to 64");
  }
  const auto at_least_one = [](const char* name, std::size_t value) {
    if (value == 0) throw error(errc::invalid_argument, std::string("limits: ") + name + " is at least 1");
  };
  at_least_one("max_payload", l.max_payload);
  at_least_one("max_in_flight", l.max_in_flight);
  at_least_one("max_crash_recoveries", l.max_crash_recoveries);
  at_least_one("max_blocking", l.max_blocking);
}

std::shared_ptr<detail::engine> open_engine(runtime_options opts, void* system) {
  if (const auto errors = detail::registration_errors(); !errors.empty()) {
    throw error(errc::invalid_argument, errors.front());
  }
  check_limits(opts.limits);
  detail::engine::settings s;
  s.name = opts.name.empty() ? detail::process_name() : opts.name;
  s.threads = opts.threads > 0 ? opts.threads : std::max(1u, std::thread::hardware_concurrency());
  s.retention = opts.retention.value_or(detail::default_retention);
  s.limits = opts.limits;
  s.log = opts.log ? std::move(opts.log) : detail::default_log();
  auto backend = detail::open_store(opts.store, detail::open_mode::drive, s.name);
  if (const auto remark = backend->remark()) {
    s.log(remark->warns ? log_level::warning : log_level::info, remark->text);
  }
  return std::make_shared<detail::engine>(std::move(s), std::move(backend), system);
}

}  // namespace

runtime::runtime(runtime_options opts) : runtime(std::move(opts), nullptr) {}

runtime::runtime(runtime_options opts, void* actor_system) {
  opts = detail::with_config_file(std::move(opts));
  engine_ = open_engine(std::move(opts), actor_system);
  detail::engine::enlist(engine_);
  engine_->recover();
  engine_->collector().start();
}

runtime::~runtime() { detail::engine::end(std::move(engine_)); }

future_handle runtime::spawn_root(const options& opts, detail::prepared_call call) {
  return {engine_->spawn_root(opts, *call.function, std::move(call.arguments)), engine_->id()};
}

future_handle runtime::find_handle(const key& k) {
  engine_->require_running();
  detail::live_view(engine_).require(k);
  return {k, engine_->id()};
}

key runtime::key_of(std::string_view id) { return {detail::named_family(id), 0}; }

std::vector<root_info> runtime::roots(const root_filter& filter) {
  engine_->require_running();
  std::vector<root_info> found;
  detail::live_view view(engine_);
  for (const detail::root_entry& entry : engine_->data().backend().roots(false)) {
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

void runtime::wait_idle() { engine_->wait_idle(); }

void runtime::forget(const key& root) {
  engine_->require_running();
  engine_->collector().forget(root);
}

std::size_t runtime::collect_garbage(std::optional<std::chrono::seconds> age) {
  engine_->require_running();
  return engine_->collector().collect(age);
}

void runtime::shutdown() { engine_->shutdown(); }

}  // namespace banyan
