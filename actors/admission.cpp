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
  std::uint32_t free = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    lane_state& state = lanes_[static_cast<std::size_t>(l)];
    if (state.free_slots.empty()) {
      const void* tree = tree_of(*t);
      const std::uint32_t level = t->level();
      state.queue.push(tree, level, std::move(t));
      return;
    }
    free = state.free_slots.back();
    state.free_slots.pop_back();
  }
  start_(std::move(t), room(*this, l, free));
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
  lane_state& state = lanes_[static_cast<std::size_t>(l)];
  life_ptr released;
  {
    const std::lock_guard lock(state.slots[index].mutex);
    released = std::move(state.slots[index].who);
  }
  ticket_ptr next;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || state.queue.empty()) {
      state.free_slots.push_back(index);
      return;
    }
    next = state.queue.pop();
  }
  start_(std::move(next), room(*this, l, index));
}

void admission::close() {
  std::vector<ticket_ptr> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (lane_state& l : lanes_) {
    while (!l.queue.empty()) dropped.push_back(l.queue.pop());
  }
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
