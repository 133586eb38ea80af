#include "actors/waiting_places.hpp"

#include <algorithm>
#include <future>

#include "actors/engine.hpp"
#include "actors/travel.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "messages/handlers.hpp"
#include "messages/names.hpp"

namespace banyan::detail {
namespace {

std::uint64_t group_of(const options& opts) {
  return opts.queue_key.empty() ? 0 : (call_digest({}, opts.queue_key.str()) | 1);
}

}  // namespace

bool is_section(std::string_view queue) { return queue.starts_with(section_prefix); }

std::string section_queue(std::string_view section) { return std::string(section_prefix) + std::string(section); }

waiting_places::waiting_places(engine& owner, queues configured)
    : engine_(owner),
      configured_(std::move(configured)),
      shared_(owner.data().backend().shared()),
      outlived_(owner.marks() != nullptr) {}

waiting_places::~waiting_places() { close(); }

std::vector<std::string> waiting_places::names() const {
  std::vector<std::string> all;
  for (const auto& [name, limits] : configured_) all.push_back(name);
  return all;
}

bool waiting_places::may_name(std::string_view queue, std::string_view caller) const {
  if (is_section(queue)) return caller.substr(0, caller.find('/')) == section_function;
  return queue.empty() || configured_.contains(std::string(queue));
}

bool waiting_places::fits(const options& opts, bool root) const {
  return may_name(opts.queue.str(), root ? std::string_view() : section_function);
}

bool waiting_places::needs_place(const ticket& t) const {
  const options& opts = t.settings();
  // Where the queue is not known its actor says so.
  if (opts.queue.empty() || t.place || !fits(opts, !t.parent)) return false;
  return !t.history || t.history->found.result.empty();
}

waiting_places::line_ptr waiting_places::line_of(const std::string& name) {
  if (const auto it = lines_.find(name); it != lines_.end()) return it->second;
  queue_limits limits{.concurrency = 1};
  if (!is_section(name)) limits = configured_.at(name);
  return lines_.emplace(name, std::make_shared<line>(name, limits)).first->second;
}

void waiting_places::enter(ticket_ptr t) {
  const options& opts = t->settings();
  if (is_section(opts.queue.str()) && is_inside(t->parent.get(), opts.queue)) {
    refuse(*t);
    return;
  }
  std::vector<place_ptr> lent;  // is given back after the lock
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  // Under the lock: an answer of another node finds it in the line.
  wish_ptr wish = place_wish::of(engine_.exchange(), t->parent, t->self, opts.queue, lent);
  const life* const tree = t->parent ? t->parent->root() : t->own.get();
  const key who = t->self;
  const int priority = t->priority();
  const timers::id deadline = arm_deadline(*t);
  const std::uint64_t group = group_of(opts);
  const line_ptr l = line_of(opts.queue);
  add(l, {who, entry{std::move(t), {}, true, {}, deadline, std::move(wish)}, tree, priority, group}, false);
}

/// It would wait for itself.
void waiting_places::refuse(const ticket& t) {
  const options& opts = t.settings();
  const std::string section = opts.queue.str().substr(section_prefix.size());
  const error_info why{errc::invalid_argument,
                       "it waits for the critical section '" + section + "', in which one above it is",
                       std::string(t.function_name()), t.self};
  engine_.record_unstarted(t.self, t.parent, t.parent_attempt, t.parent->durable && opts.durable, make_failure(why),
                           !has_handlers(opts));
}

void waiting_places::refuse_below(const key& above, const std::string& section) {
  const auto wanted = [&](const ticket& t) { return t.settings().queue == section && is_below(t, above); };
  for (const ticket_ptr& t : withdraw_if(wanted)) refuse(*t);
}

/// What times out while it waits has come to its end.
timers::id waiting_places::arm_deadline(const ticket& t) {
  const auto at = t.deadline();
  if (!at) return {};
  return engine_.clock().schedule(from_millis(*at), [&e = engine_, k = t.self] { e.hurry(k); });
}

ticket_ptr waiting_places::ticket_of(entry e) {
  engine_.clock().cancel(e.deadline);
  return std::move(e.ticket);
}

void waiting_places::enter_again(const life_ptr& l, const options& opts, bool starts) {
  add_alive(l, opts, starts, [&e = engine_, l](place_ptr place) { e.post(*l, placed{std::move(place)}); });
}

place_ptr waiting_places::wait_for_place(const life_ptr& l, const options& opts) {
  const auto given = std::make_shared<std::promise<place_ptr>>();
  auto place = given->get_future();
  add_alive(l, opts, false, [given](place_ptr p) { given->set_value(std::move(p)); });
  return place.get();
}

void waiting_places::add_alive(const life_ptr& l, const options& opts, bool starts,
                               std::function<void(place_ptr)> call) {
  std::vector<place_ptr> lent;
  const std::lock_guard lock(mutex_);
  if (closed_) return call(nullptr);
  wish_ptr wish = place_wish::of(engine_.exchange(), l->parent, l->self, opts.queue, lent);
  entry e{{}, std::move(call), starts, motion::token(engine_.moving()), {}, std::move(wish)};
  add(line_of(opts.queue), {l->self, std::move(e), l->root(), l->priority, group_of(opts)}, true);
}

void waiting_places::add(const line_ptr& l, waiting_line<entry>::waiting w, bool first) {
  // The actor that waited for it may have died.
  static_cast<void>(l->all.withdraw(w.who));
  l->all.push(std::move(w), first);
  look_soon(*l);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void waiting_places::look_soon(line& l) {
  l.changed = true;
  changed_.notify_one();
}

void waiting_places::give_back(const line_ptr& l, std::uint64_t group) {
  const std::lock_guard lock(mutex_);
  if (const auto it = l->held.find(group); --it->second == 0) l->held.erase(it);
  l->all.leave(group);
  look_soon(*l);
}

ticket_ptr waiting_places::withdraw(const key& k) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, l] : lines_) {
    if (auto found = l->all.withdraw(k)) return ticket_of(std::move(*found));
  }
  return nullptr;
}

std::vector<ticket_ptr> waiting_places::withdraw_if(const std::function<bool(const ticket&)>& wanted) {
  std::vector<ticket_ptr> taken;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, l] : lines_) {
    for (entry& e : l->all.withdraw_if([&](const entry& one) { return one.ticket && wanted(*one.ticket); })) {
      taken.push_back(ticket_of(std::move(e)));
    }
  }
  return taken;
}

std::size_t waiting_places::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t n = 0;
  for (const auto& [name, l] : lines_) n += l->all.size();
  return n;
}

void waiting_places::close() {
  std::vector<entry> dropped;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& [name, l] : lines_) {
      for (entry& e : l->all.withdraw_if([](const entry&) { return true; })) dropped.push_back(std::move(e));
    }
    changed_.notify_all();
  }
  for (entry& e : dropped) {
    if (e.placed) e.placed(nullptr);
  }
  if (thread_.joinable()) thread_.join();
}

void waiting_places::leave() try {
  if (!shared_) return;
  const std::lock_guard lock(mutex_);
  const queue_asker us = asker();
  for (const auto& [name, l] : lines_) {
    for (int tries = 10; tries > 0; --tries) {
      const bytes next = encode_queue(queue_turn(l->state, l->limits, us, {}).close(std::nullopt));
      const auto actual =
          engine_.data().backend().compare_and_set("queue:" + name, l->agreed, next, std::chrono::minutes(1));
      if (!actual) break;
      l->agreed = *actual;
      l->state = decode_queue(l->agreed);
    }
  }
} catch (const error&) {
  // Its places are free as soon as it is thought to be gone.
}

}  // namespace banyan::detail
