#include <algorithm>
#include <utility>

#include "actors/engine.hpp"
#include "nodes/node.hpp"

namespace banyan::detail {

void node::received(incarnation_id from, std::vector<frame> frames) {
  for (frame& f : frames) {
    if (const auto* load = std::get_if<load_frame>(&f)) {
      roster_.set_load(from, load->queued, load->running);
    } else {
      engine_.exchange()->receive(from, std::move(f));
    }
  }
}

void node::send_all(const frame& f) {
  for (const incarnation_id other : roster_.connected_nodes()) mesh_->send(other, f);
}

void node::send(incarnation_id to, const frame& f) {
  if (roster_.is_connected(to)) {
    mesh_->send(to, f);
  } else if (exists(to)) {
    detours_.add(to, f);
  }
}

std::vector<incarnation_id> node::living() const {
  std::vector<incarnation_id> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, name] : alive_) found.push_back(id);
  return found;
}

void node::root_given(const family_id& root) {
  // Given back, while it is still being given away here.
  if (engine_.drives(root)) return look_at_own_.store(true);
  try {
    if (members_.take_root(root, engine_.config().name)) engine_.take_over(root);
  } catch (const error&) {
    look_at_own_.store(true);
  }
}

void node::say_load() {
  const admission::load now = engine_.gate().current_load();
  const std::uint64_t to_do = now.queued + now.running;
  roster_.set_load(self(), now.queued, now.running);
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::exchange(last_load_, to_do) != to_do;
  }
  if (changed) send_all(load_frame{now.queued, now.running});
}

/// True if there is something to be had.
bool node::ask_for_work() {
  constexpr std::uint32_t most_at_once = 256;
  const admission::load now = engine_.gate().current_load();
  if (draining_ || leaving_.load() || now.queued > 0 || now.free == 0) return false;
  const incarnation_id busiest = roster_.busiest();
  if (busiest == 0) return false;
  send(busiest, want_frame{most_at_once});
  return true;
}

/// They live, but are not connected to this one.
std::vector<incarnation_id> node::cut_off() const {
  std::vector<incarnation_id> found = living();
  std::erase_if(found, [this](incarnation_id id) { return roster_.is_connected(id); });
  return found;
}

void node::go_by_the_store(const std::vector<incarnation_id>& others) {
  auto waiting = detours_.take();
  if (others.empty()) return;
  for (const posted& p : members_.take_posts()) {
    // What one says by its connection is newer.
    if (std::ranges::find(others, p.from) != others.end()) received(p.from, read_frames(p.message));
  }
  // That it was made the driver of a root may be among what was lost.
  look_at_own_.store(true);
  engine_.exchange()->ask_cut_off(others);
  for (auto& [to, answers] : detours_.take()) waiting[to] += answers;
  for (const auto& [to, batch] : waiting) members_.post(to, batch);
}

void node::ask_after_children() {
  constexpr std::chrono::seconds between{10};
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_ < between) return;
  asked_ = now;
  engine_.exchange()->ask_connected();
}

}  // namespace banyan::detail
