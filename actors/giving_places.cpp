#include <algorithm>

#include "actors/engine.hpp"
#include "actors/waiting_places.hpp"

/// What the thread of the queues does.
namespace banyan::detail {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_look{10};
constexpr milliseconds last_look{100};
constexpr milliseconds after_trouble{200};
constexpr std::size_t most_at_once = 1000;

queue_state rate_of(const queue_state& q) { return {{}, q.next_start, q.last_number}; }

}  // namespace

void waiting_places::run() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    const auto due = next_due();
    if (!due) {
      changed_.wait(lock);
    } else if (*due > clock::now()) {
      changed_.wait_until(lock, *due);
    }
    std::vector<line_ptr> to_visit;
    for (const auto& [name, l] : lines_) {
      if (l->changed || l->due <= clock::now()) to_visit.push_back(l);
    }
    lock.unlock();
    for (const line_ptr& l : to_visit) visit(l);
    lock.lock();
  }
}

std::optional<waiting_places::clock::time_point> waiting_places::next_due() const {
  std::optional<clock::time_point> first;
  for (const auto& [name, l] : lines_) {
    if (l->changed) return clock::time_point();
    if (l->due != clock::time_point::max() && (!first || l->due < *first)) first = l->due;
  }
  return first;
}

queue_asker waiting_places::asker() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(engine_.clock().now().time_since_epoch());
  const std::chrono::microseconds life = engine_.config().lease * 3 / 2;
  // What no other process shares needs no name.
  const incarnation_id id = shared_ ? engine_.data().backend().cluster()->incarnation() : 1;
  return {id, engine_.config().name, now.count(), life.count()};
}

void waiting_places::visit(const line_ptr& l) {
  std::vector<started> all;
  try {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (closed_) return;
      l->changed = false;
      const queue_asker who = asker();
      const draft d = plan(*l, who);
      if (!agree(l, d, who, lock)) continue;
      all = give(l, d);
      set_due(*l, d);
      forget_unused(l);
      troubled_ = false;
      break;
    }
  } catch (const error& e) {
    const std::lock_guard lock(mutex_);
    l->due = clock::now() + after_trouble;
    if (!std::exchange(troubled_, true)) {
      engine_.log(log_level::warning, "the queue " + l->name + " gives no places: " + e.what());
    }
  }
  start(std::move(all));
}

/// What could be given, by what was last seen.
waiting_places::draft waiting_places::plan(const line& l, const queue_asker& who) const {
  draft d;
  queue_turn turn(l.state, l.limits, who, l.held);
  std::optional<std::int32_t> first_left;
  for (const auto& [at, w] : l.all.front()) {
    const auto answer = turn.take(w.priority, w.group, w.what.starts);
    if (answer == queue_turn::answer::yes) {
      d.offers.push_back({w.who, turn.number()});
      if (d.offers.size() < most_at_once) continue;
    }
    if (answer == queue_turn::answer::group_full) {
      // Those behind it may have one.
      d.waits_for_place = true;
      continue;
    }
    if (answer == queue_turn::answer::too_soon) d.free_in = std::chrono::microseconds(turn.free_at() - who.now);
    if (answer == queue_turn::answer::full) d.waits_for_place = true;
    if (answer != queue_turn::answer::yes) first_left = w.priority;
    break;
  }
  d.state = turn.close(first_left);
  return d;
}

/// Makes it so, unless the others have agreed on something else meanwhile, which is seen then. Lets go of the lock
/// while it asks.
bool waiting_places::agree(const line_ptr& l, const draft& d, const queue_asker& who,
                           std::unique_lock<std::mutex>& lock) {
  // In a store of one process it is the rate that the next one is to know.
  const bool says_more = shared_ ? differs(l->state, d.state, who)
                                 : outlived_ && l->limits.rate > 0 && l->state.next_start != d.state.next_start;
  if (!shared_ && !says_more) {
    l->state = d.state;
    return true;
  }
  const bytes expected = l->agreed;
  const bytes wanted = says_more ? encode_queue(shared_ ? d.state : rate_of(d.state)) : expected;
  const milliseconds kept =
      std::chrono::minutes(1) + milliseconds(std::max<micros>(d.state.next_start - who.now, 0) / 1000);
  lock.unlock();
  const auto actual = engine_.data().backend().compare_and_set("queue:" + l->name, expected, wanted, kept);
  lock.lock();
  l->agreed = actual.value_or(wanted);
  if (actual) {
    l->state = {};
    l->state = decode_queue(l->agreed);
  } else if (says_more) {
    l->state = d.state;
  }
  return !actual;
}

std::vector<waiting_places::started> waiting_places::give(const line_ptr& l, const draft& d) {
  std::vector<started> all;
  for (const offer& o : d.offers) {
    auto w = l->all.admit(o.who);
    if (!w) {
      // It was taken out meanwhile: its place is free again as soon as we say so.
      l->changed = true;
      continue;
    }
    ++l->held[w->group];
    const auto back = [this, l, group = w->group] { give_back(l, group); };
    all.push_back({std::move(w->what), std::make_shared<queue_place>(o.number, is_section(l->name), back)});
  }
  return all;
}

void waiting_places::set_due(line& l, const draft& d) const {
  const auto now = clock::now();
  const auto no_sooner_than = [&](clock::duration wait) { l.due = std::min(l.due, now + wait); };
  l.due = d.offers.size() < most_at_once ? clock::time_point::max() : now;
  if (d.free_in) no_sooner_than(*d.free_in);
  if (!shared_) return;
  const bool uses = !l.held.empty() || !l.all.empty();
  if (uses) no_sooner_than(engine_.config().lease / 3);
  if (d.waits_for_place) {
    const auto longer = l.between_looks * 3 / 2;
    l.between_looks = d.offers.empty() ? std::clamp(longer, first_look, last_look) : first_look;
    no_sooner_than(l.between_looks);
  }
}

/// Critical sections come and go.
void waiting_places::forget_unused(const line_ptr& l) {
  const bool listed = shared_ && std::ranges::any_of(l->state.members, [this](const queue_member& m) {
                        return m.name == engine_.config().name;
                      });
  if (is_section(l->name) && l->all.empty() && l->held.empty() && !listed) lines_.erase(l->name);
}

void waiting_places::start(std::vector<started> all) {
  for (started& s : all) {
    if (s.what.ticket) {
      ticket_ptr t = ticket_of(std::move(s.what));
      t->place = std::move(s.place);
      engine_.enqueue_here(std::move(t));
    } else {
      s.what.placed(std::move(s.place));
    }
  }
}

}  // namespace banyan::detail
