#include "actors/admission.hpp"

namespace banyan::detail {

admission::room::room(room&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), lane_(other.lane_), slot_(other.slot_) {}

admission::room& admission::room::operator=(room&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(lane_, other.lane_);
  std::swap(slot_, other.slot_);
  return *this;
}

void admission::room::give_back() {
  if (admission* const owner = std::exchange(owner_, nullptr)) owner->give_back(lane_, slot_);
}

void admission::room::occupy(const life_ptr& who) {
  slot& s = owner_->lanes_[static_cast<std::size_t>(lane_)].slots[slot_];
  const std::lock_guard lock(s.mutex);
  s.who = who;
}

admission::admission(std::array<std::uint32_t, lanes> limits, starter start) : start_(std::move(start)) {
  for (std::size_t i = 0; i < lanes; ++i) {
    lane_state& l = lanes_[i];
    l.size = limits[i];
    l.slots = std::make_unique<slot[]>(l.size);
    for (std::uint32_t s = l.size; s-- > 0;) l.free_slots.push_back(s);
  }
}

const void* admission::tree_of(const ticket& t) {
  return t.parent ? static_cast<const void*>(t.parent->root()) : static_cast<const void*>(t.own.get());
}

void admission::push(ticket_ptr t, lane l) {
  const void* const tree = tree_of(*t);
  const std::uint32_t level = t->level();
  const int priority = t->priority();
  std::uint32_t free = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (l == lane::suspect && suspects_++ == 0) suspects_since_ = std::chrono::steady_clock::now();
    lane_state& state = of(l);
    if (state.free_slots.empty() || !may_start(l)) {
      state.queue.push(tree, level, std::move(t), priority);
      return;
    }
    free = state.free_slots.back();
    state.free_slots.pop_back();
  }
  start_(std::move(t), room(*this, l, free));
}

bool admission::may_start(lane l) const {
  if (suspects_ == 0) return true;
  const auto waited = std::chrono::steady_clock::now() - suspects_since_;
  if (l != lane::suspect) return waited >= wait_for_suspects;
  const auto idle = [this](lane other) {
    const lane_state& state = lanes_[static_cast<std::size_t>(other)];
    return state.free_slots.size() == state.size;
  };
  return (idle(lane::normal) && idle(lane::blocking)) || waited >= wait_for_quiet;
}

/// Everything that was held back and may start now. Under the lock.
std::vector<admission::admitted> admission::take_startable() {
  std::vector<admitted> taken;
  for (const lane l : {lane::suspect, lane::normal, lane::blocking}) {
    lane_state& state = of(l);
    while (!state.queue.empty() && !state.free_slots.empty() && may_start(l)) {
      taken.push_back({state.queue.pop(), l, state.free_slots.back()});
      state.free_slots.pop_back();
    }
  }
  return taken;
}

void admission::tick() {
  std::vector<admitted> next;
  {
    const std::lock_guard lock(mutex_);
    if (suspects_ == 0 || closed_) return;
    next = take_startable();
  }
  for (admitted& a : next) start_(std::move(a.what), room(*this, a.l, a.slot));
}

void admission::give_back(lane l, std::uint32_t index) {
  struct returned {
    admission* owner;
    lane l;
    std::uint32_t index;
  };
  // Starting a future may give its room back at once, as when it was cancelled: a loop instead of a recursion.
  thread_local std::vector<returned>* outer = nullptr;
  if (outer) {
    outer->push_back({this, l, index});
    return;
  }
  std::vector<returned> waiting{{this, l, index}};
  outer = &waiting;
  while (!waiting.empty()) {
    const returned r = waiting.back();
    waiting.pop_back();
    r.owner->reuse(r.l, r.index);
  }
  outer = nullptr;
}

void admission::reuse(lane l, std::uint32_t index) {
  lane_state& state = of(l);
  life_ptr released;
  {
    const std::lock_guard lock(state.slots[index].mutex);
    released = std::move(state.slots[index].who);
  }
  std::vector<admitted> next;
  {
    const std::lock_guard lock(mutex_);
    if (l != lane::suspect && suspects_ == 0 && !closed_ && !state.queue.empty()) {
      next.push_back({state.queue.pop(), l, index});
    } else {
      state.free_slots.push_back(index);
      const bool held_back = suspects_ > 0;
      if (l == lane::suspect) --suspects_;
      if (held_back && !closed_) next = take_startable();
    }
  }
  for (admitted& a : next) start_(std::move(a.what), room(*this, a.l, a.slot));
}

void admission::close() {
  std::vector<ticket_ptr> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (lane_state& l : lanes_) {
    while (!l.queue.empty()) dropped.push_back(l.queue.pop());
  }
}

std::vector<ticket_ptr> admission::take_top(std::size_t most, const std::function<bool(const ticket&)>& may_go) {
  const auto goes = [&](const ticket_ptr& t) { return may_go(*t); };
  const std::lock_guard lock(mutex_);
  std::vector<ticket_ptr> taken = of(lane::normal).queue.take_top(most, goes);
  for (ticket_ptr& t : of(lane::blocking).queue.take_top(most - taken.size(), goes)) taken.push_back(std::move(t));
  return taken;
}

admission::load admission::current_load() const {
  load now;
  const std::lock_guard lock(mutex_);
  for (const lane_state& l : lanes_) {
    now.queued += l.queue.size();
    now.running += l.size - l.free_slots.size();
  }
  for (const lane l : {lane::normal, lane::blocking}) {
    now.free += lanes_[static_cast<std::size_t>(l)].free_slots.size();
  }
  return now;
}

std::vector<life_ptr> admission::running_since(millis before) const {
  std::vector<life_ptr> found;
  for (const lane_state& l : lanes_) {
    for (std::uint32_t i = 0; i < l.size; ++i) {
      slot& s = l.slots[i];
      const std::lock_guard lock(s.mutex);
      if (s.who && s.who->started.load(std::memory_order_relaxed) < before) found.push_back(s.who);
    }
  }
  return found;
}

}  // namespace banyan::detail
