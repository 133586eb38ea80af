#include "actors/engine.hpp"

#include <thread>

#include "actors/function_registry.hpp"
#include "actors/future_cell.hpp"
#include "actors/option_rules.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "messages/handlers.hpp"
#include "persistence/running_marks.hpp"

namespace banyan::detail {
namespace {

/// Keeps every thread of the scheduler busy while each admits the next future.
constexpr std::uint32_t rooms_per_thread = 4;
constexpr std::uint32_t suspicious_after = 2;  ///< deaths of the process in a row
constexpr std::uint32_t max_actors_lost = 5;

std::mutex directory_mutex;
std::unordered_map<std::uint32_t, std::weak_ptr<engine>> directory;
std::uint32_t next_engine_id = 1;

std::uint32_t new_engine_id() {
  const std::lock_guard lock(directory_mutex);
  return next_engine_id++;
}

journal::settings journal_settings(const engine::settings& s) {
  journal::settings j;
  j.max_in_flight = s.limits.max_in_flight;
  j.warn = [log = s.log](const std::string& message) { log(log_level::warning, message); };
  return j;
}

}  // namespace

engine::engine(settings s, std::unique_ptr<store> backend, void* system)
    : settings_(std::move(s)),
      id_(settings_.id != 0 ? settings_.id : new_engine_id()),
      records_(std::move(backend), journal_settings(settings_)),
      gauges_(*this),
      collector_(*this, settings_.retention),
      outside_(*this),
      marks_(records_.backend().marks()),
      queues_(*this, settings_.queues),
      host_(*this, settings_.threads, settings_.threads * rooms_per_thread + 1, system) {
  const std::array<std::uint32_t, admission::lanes> rooms{settings_.threads * rooms_per_thread,
                                                          settings_.limits.max_blocking, 1};
  admission_ = std::make_unique<admission>(
      rooms, [this](ticket_ptr t, admission::room r) { start(std::move(t), std::move(r)); });
}

engine::~engine() {
  shutdown();
  users_.wait_until_none();
}

std::shared_ptr<engine> engine::find(std::uint32_t id) {
  const std::lock_guard lock(directory_mutex);
  const auto it = directory.find(id);
  return it == directory.end() ? nullptr : it->second.lock();
}

void engine::enlist(const std::shared_ptr<engine>& e) {
  const std::lock_guard lock(directory_mutex);
  directory[e->id_] = e;
}

void engine::end(std::shared_ptr<engine> e) {
  e->shutdown();
  {
    const std::lock_guard lock(directory_mutex);
    const auto it = directory.find(e->id_);
    // Another one may go on under this number.
    if (it != directory.end() && it->second.lock() == e) directory.erase(it);
  }
  // Who found it before has been told that it stops. On a thread of its actor system it could not end.
  while (e.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void engine::join(neighbours& others) { exchange_ = std::make_unique<banyan::detail::exchange>(*this, others, epoch_); }

void engine::require_running() const {
  if (given_up()) {
    throw error(errc::store_fenced, "this node could not renew its lease; it joins its cluster anew as soon as it can");
  }
  if (stopping()) throw error(errc::stopped, "the runtime was shut down");
}

void engine::enqueue(ticket_ptr t) {
  const millis when = t->start_at;
  enqueue_at(std::move(t), when);
}

void engine::enqueue_at(ticket_ptr t, millis at) {
  if (stopping()) return;
  if (at <= now_ms()) {
    send_or_admit(std::move(t));
    return;
  }
  const key k = t->self;
  const auto when = from_millis(at);
  auto shared = std::make_shared<ticket_ptr>(std::move(t));
  const std::lock_guard lock(delayed_mutex_);
  const timers::id timer = timers_.schedule(when, [this, k] { hurry(k); });
  delayed_.insert_or_assign(k, std::pair(timer, std::move(shared)));
}

void engine::hurry(const key& k) {
  ticket_ptr t;
  {
    const std::lock_guard lock(delayed_mutex_);
    if (const auto it = delayed_.find(k); it != delayed_.end()) {
      timers_.cancel(it->second.first);
      t = std::move(*it->second.second);
      delayed_.erase(it);
    }
  }
  if (t) {
    send_or_admit(std::move(t));
  } else if ((t = queues_.withdraw(k))) {
    // It has come to its end, and needs no place for that.
    if (t->history) t->history->read_again = true;
    let_in(std::move(t));
  }
}

void engine::send_or_admit(ticket_ptr t) {
  if (exchange_) t = exchange_->place(std::move(t));
  if (t) admit(std::move(t));
}

void engine::enqueue_here(ticket_ptr t) {
  if (!stopping()) admit(std::move(t));
}

void engine::admit(ticket_ptr t) {
  if (queues_.needs_place(*t)) {
    queues_.enter(std::move(t));
    return;
  }
  let_in(std::move(t));
}

void engine::let_in(ticket_ptr t) {
  const admission::lane l = lane_of(*t);
  admission_->push(std::move(t), l);
}

std::vector<ticket_ptr> engine::take_unstarted(const std::function<bool(const ticket&)>& wanted) {
  std::vector<ticket_ptr> taken = admission_->take_top(admission_->current_load().queued, wanted);
  for (ticket_ptr& t : queues_.withdraw_if(wanted)) taken.push_back(std::move(t));
  return taken;
}

void engine::check_queue(const options& opts, std::string_view caller) const {
  if (queues_.may_name(opts.queue.str(), caller)) return;
  throw error(errc::unknown_queue, "options: this runtime has no queue '" + opts.queue.str() +
                                       "'; name it in runtime_options::queues, or in its configuration");
}

void engine::refuse_below(const key& above, const std::string& section) {
  queues_.refuse_below(above, section);
  if (exchange_) exchange_->refuse_below(above, section);
}

admission::lane engine::lane_of(const ticket& t) const {
  if (marks_ && marks_->deaths(t.self) >= suspicious_after) return admission::lane::suspect;
  return t.settings().blocking ? admission::lane::blocking : admission::lane::normal;
}

void engine::leave_unstarted(life& l) {
  live_.remove(l.self);
  l.mailbox.close();
}

/// A future that never ran may have been given its result, or be cancelled.
bool engine::ended_before_start(ticket& t, const life_ptr& l) {
  if (t.history) return false;
  const bool root_has_result = !l->parent && is_final(l->status.load());
  if (!root_has_result && !l->must_stop()) return false;
  if (has_handlers(t.settings())) {
    // To call them it has to come to life, and may find a result.
    t.history = std::make_unique<ticket::past>();
    t.history->read_again = true;
    return false;
  }
  leave_unstarted(*l);
  if (root_has_result) {
    settle(l);
    return true;
  }
  record_unstarted(
      l->self, l->parent, l->parent_attempt, l->durable,
      make_cancelled({errc::cancelled, "cancelled before it started", std::string(t.function_name()), l->self}));
  return true;
}

void engine::start(ticket_ptr t, admission::room r) {
  life_ptr l = t->own ? t->own : life_ptr(new life(t->self, t->parent, t->parent_attempt, t->settings(), epoch_));
  // Before anybody finds it: whatever is said to it from here on is kept for it.
  l->mailbox.open();
  if (!t->own) {
    if (const life_ptr there = live_.add(l)) {
      if (exchange_ && t->parent) exchange_->meet_twin(std::move(t), *there);
      return;
    }
  }
  // Others may have begun with what this node ran.
  if (exchange_ && fenced()) give_up();
  if (stopping()) {
    leave_unstarted(*l);
    return;
  }
  if (ended_before_start(*t, l)) return;
  const bool own_thread = t->settings().blocking;
  // Every room for futures that do not block has its runner; the last one is for suspects.
  const std::size_t runner = r.is_in(admission::lane::normal) ? r.number() : settings_.threads * rooms_per_thread;
  auto cell = std::make_unique<future_cell>(*this, std::move(t), std::move(l), std::move(r));
  if (own_thread) {
    host_.launch_on_own_thread(std::move(cell));
  } else {
    host_.launch(std::move(cell), runner);
  }
}

void engine::relaunch(ticket_ptr t, std::chrono::milliseconds delay) {
  if (stopping()) return;
  if (t->history->actors_lost > max_actors_lost) {
    t->own->request_stop({errc::crash_loop,
                          "its actor died " + std::to_string(t->history->actors_lost) + " times in a row",
                          std::string(t->function_name()), t->self});
  }
  live_.add(t->own);
  enqueue_at(std::move(t), now_ms() + delay.count());
}

void engine::post(const life& to, mail m) {
  if (to.far) {
    exchange_->tell(to, std::move(m));
  } else {
    to.mailbox.post({std::move(m), motion::token(motion_)});
  }
}

void engine::departed(const life& l) {
  live_.remove(l.self);
  stalls_.remove(l);
}

void engine::stall(const life_ptr& l) {
  stalls_.add(l);
  for (const life* at = l.get(); at; at = at->parent.get()) waiters_.notify_stalled(at->self);
}

void engine::set_clock() {
  constexpr std::chrono::milliseconds worth_a_word{1000};
  const auto base = records_.backend().clock_base();
  if (!base) return;
  timers_.set_base(*base);
  const auto ahead =
      std::chrono::duration_cast<std::chrono::milliseconds>(timers_.now() - std::chrono::system_clock::now());
  if (std::chrono::abs(ahead) <= worth_a_word || clock_is_wrong_.exchange(true)) return;
  log(log_level::warning, "the clock of this machine is " + std::to_string(std::abs(ahead.count())) + " ms " +
                              (ahead.count() > 0 ? "behind" : "ahead of") + " that of " +
                              records_.backend().describe() + ", by which all times are reckoned");
}

void engine::keep_gauges() {
  timers_.schedule(timers_.now() + gauge_writer::interval, [this] {
    gauges_.tick();
    admission_->tick();
    retry_parked();
    keep_gauges();
  });
}

void engine::retry_parked() {
  const std::uint64_t generation = registry_generation();
  if (generation == known_functions_) return;
  known_functions_ = generation;
  for (const life_ptr& l : live_.all()) {
    if (l->parked()) post(*l, try_again{});
  }
}

void engine::start_no_more() {
  queues_.close();
  admission_->close();
}

void engine::give_up() {
  given_up_.store(true, std::memory_order_release);
  stopping_.store(true, std::memory_order_release);
}

void engine::shutdown(const std::function<void()>& last) {
  std::call_once(shut_down_, [&] {
    stopping_.store(true, std::memory_order_release);
    records_.lose_patience(given_up() ? std::chrono::milliseconds(0) : store_patience);
    collector_.stop();
    outside_.stop();
    timers_.stop();
    queues_.close();
    admission_->close();
    waiters_.notify_all();
    for (const life_ptr& l : live_.all()) {
      if (!l->mailbox.post({leave{}, {}})) live_.remove(l->self);
    }
    users_.wait_until_none();
    if (!given_up()) queues_.leave();
    records_.stop(given_up() ? std::chrono::milliseconds(0) : store_patience);
    motion_.stop();
    if (last) last();
    records_.backend().close();
  });
}

}  // namespace banyan::detail
