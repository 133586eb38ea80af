#include "nodes/runtime_core.hpp"

#include <algorithm>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "nodes/config_file.hpp"
#include "nodes/default_log.hpp"
#include "nodes/node.hpp"
#include "nodes/node_check.hpp"
#include "nodes/process_name.hpp"
#include "nodes/queue_text.hpp"
#include "nodes/settings.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan::detail {
namespace {

void check_limits(const limits& l) {
  if (l.max_depth == 0 || l.max_depth > default_max_depth) {
    throw error(errc::invalid_argument, "limits: max_depth is from 1 to 64");
  }
  const auto at_least_one = [](const char* name, std::size_t value) {
    if (value == 0) throw error(errc::invalid_argument, std::string("limits: ") + name + " is at least 1");
  };
  at_least_one("max_payload", l.max_payload);
  at_least_one("max_in_flight", l.max_in_flight);
  at_least_one("max_crash_recoveries", l.max_crash_recoveries);
  if (l.max_blocking == 0 || l.max_blocking > most_blocking) {
    throw error(errc::invalid_argument, "limits: max_blocking is from 1 to " + std::to_string(most_blocking));
  }
}

void check_queues(const queues& all) {
  for (const auto& [name, l] : all) {
    if (const std::string problem = problem_of(name, l); !problem.empty()) {
      throw error(errc::invalid_argument, "queues: " + problem);
    }
  }
}

void check_retention(const runtime_options& opts) {
  if (opts.retention && opts.retention->count() < 0) throw error(errc::invalid_argument, "retention is not negative");
}

runtime_options complete(runtime_options opts) {
  register_own_functions();
  opts = with_config_file(std::move(opts));
  if (const auto errors = registration_errors(); !errors.empty()) throw error(errc::invalid_argument, errors.front());
  check_limits(opts.limits);
  if (opts.threads > most_threads) {
    throw error(errc::invalid_argument, "threads is at most " + std::to_string(most_threads));
  }
  check_queues(opts.queues);
  check_retention(opts);
  if (const auto problems = find_problems(opts); !problems.empty()) {
    throw error(errc::invalid_argument, problem_text(problems.front(), {}));
  }
  if (opts.name.empty()) opts.name = process_name();
  if (opts.threads == 0) opts.threads = std::max(1u, std::thread::hardware_concurrency());
  if (!opts.log) opts.log = default_log();
  return opts;
}

engine::settings settings_of(const runtime_options& opts, std::uint32_t id) {
  engine::settings s;
  s.id = id;
  s.name = opts.name;
  s.threads = opts.threads;
  s.retention = opts.retention.value_or(default_retention);
  s.limits = opts.limits;
  s.queues = opts.queues;
  s.lease = opts.node.lease;
  s.log = opts.log;
  return s;
}

}  // namespace

runtime_core::runtime_core(runtime_options options, void* actor_system)
    : options_(complete(std::move(options))), actor_system_(actor_system), current_(begin(0)) {
  if (current_.node) watch_ = std::thread([this] { watch(); });
}

runtime_core::~runtime_core() {
  shutdown();
  banyan::detail::engine::end(std::move(current_.engine));
}

runtime_core::session runtime_core::begin(std::uint32_t id) {
  const bool is_node = !options_.node.listen.empty();
  auto backend = open_store(options_.store, open_mode::drive, options_.name, {options_.node.lease, is_node});
  if (const auto remark = backend->remark()) {
    options_.log(remark->warns ? log_level::warning : log_level::info, remark->text);
  }
  store& opened = *backend;
  session s;
  s.engine = std::make_shared<banyan::detail::engine>(settings_of(options_, id), std::move(backend), actor_system_);
  if (is_node) {
    opened.on_fenced([this, given_up = s.engine.get()] {
      given_up->give_up();
      const std::lock_guard lock(mutex_);
      fenced_ = true;
      changed_.notify_all();
    });
    s.node = std::make_unique<banyan::detail::node>(*s.engine, options_.node);
  }
  banyan::detail::engine::enlist(s.engine);
  try {
    s.engine->recover();
    s.engine->collector().start();
    if (s.node) s.node->start();
  } catch (...) {
    // What runs already speaks to the node.
    close(s, false, {});
    banyan::detail::engine::end(std::move(s.engine));
    throw;
  }
  return s;
}

std::shared_ptr<engine> runtime_core::engine() const {
  const std::lock_guard lock(mutex_);
  return current_.engine;
}

bool runtime_core::connected_to(incarnation_id other) const {
  const std::lock_guard lock(mutex_);
  return current_.node && current_.node->is_connected(other);
}

bool runtime_core::wait_until_fenced() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return fenced_ || over_; });
  fenced_ = false;
  return !over_;
}

void runtime_core::watch() {
  while (wait_until_fenced()) begin_anew();
}

/// Others drive what this node drove, or soon will. Its functions may take their time to end.
void runtime_core::begin_anew() {
  options_.log(log_level::error, "node " + options_.name +
                                     " could not renew its lease: what it ran goes on elsewhere, and it joins anew");
  auto old = std::make_shared<session>();
  {
    const std::lock_guard lock(mutex_);
    *old = {current_.engine, std::move(current_.node)};
  }
  const std::uint32_t id = old->engine->id();
  old->engine->give_up();
  endings_.emplace_back([this, old] {
    close(*old, false, {});
    // If no other comes, it stays the one that is asked.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_ || current_.engine != old->engine; });
    if (current_.engine == old->engine) return;
    lock.unlock();
    banyan::detail::engine::end(std::move(old->engine));
  });
  constexpr std::chrono::milliseconds between_tries{200};
  for (std::unique_lock lock(mutex_); !over_; changed_.wait_for(lock, between_tries, [this] { return over_; })) {
    lock.unlock();
    try {
      {
        const std::lock_guard again(mutex_);
        fenced_ = false;
      }
      session next = begin(id);
      lock.lock();
      current_ = std::move(next);
      changed_.notify_all();
      options_.log(log_level::warning, "node " + options_.name + " has joined anew");
      return;
    } catch (const error& e) {
      options_.log(log_level::debug, std::string("cannot join yet: ") + e.what());
    }
    lock.lock();
  }
}

void runtime_core::close(session& s, bool in_good_order, std::chrono::milliseconds grace) {
  if (s.node && in_good_order) s.node->wind_down(grace);
  // To the others this one is gone already; and the next one is to have its address.
  if (s.node && !in_good_order) s.node->hang_up();
  if (s.node) s.node->look_no_more();
  s.engine->shutdown([&] {
    if (s.node && in_good_order) s.node->hand_over();
  });
  if (s.node) s.node->hang_up();
}

void runtime_core::shutdown() {
  std::call_once(shut_down_, [this] {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    if (watch_.joinable()) watch_.join();
    close(current_, true, options_.node.grace);
    for (std::thread& t : endings_) t.join();
  });
}

}  // namespace banyan::detail
