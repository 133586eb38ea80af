#include <algorithm>

#include "actors/engine.hpp"
#include "actors/future_cell.hpp"

namespace banyan::detail {
namespace {

constexpr std::chrono::seconds between_looks{30};
constexpr std::chrono::seconds after_trouble{1};

}  // namespace

std::optional<received_signal> future_cell::take_signal(std::string_view name) {
  const auto waiting = rarely().signals.waiting.find(name);
  if (waiting == rare_->signals.waiting.end() || waiting->second.empty()) return std::nullopt;
  received_signal oldest = std::move(waiting->second.front());
  waiting->second.pop_front();
  return oldest;
}

void future_cell::forget_signal(const std::string& id) {
  if (rarely().signals.known.insert(id).second) return;
  for (auto& [name, waiting] : rare_->signals.waiting) {
    std::erase_if(waiting, [&](const received_signal& s) { return s.id == id; });
  }
}

bool future_cell::has_signal(std::string_view name) {
  rarely().signals.troubled = false;
  try {
    read_signals();
  } catch (const error& e) {
    rare_->signals.troubled = true;
    engine_.log(log_level::warning, life_->self.str() + ": cannot look for signals: " + e.message());
  }
  const auto waiting = rarely().signals.waiting.find(name);
  return waiting != rare_->signals.waiting.end() && !waiting->second.empty();
}

/// A root that is run again receives what was sent to those that it replaces, from the first on. The calls in a new
/// attempt of a parent are sent to anew.
void future_cell::open_logs() {
  std::vector<family_id> logs{child_family(life_->self, 1)};
  std::optional<predecessor> from;
  if (ticket_->replaces && !life_->parent) from = *ticket_->replaces;
  while (from) {
    logs.insert(logs.begin(), child_family(from->what, 1));
    const auto earlier = engine_.data().find(from->what);
    from = earlier ? decode_entry(earlier->found.spec).spec.replaces : std::nullopt;
  }
  rarely().signals.logs = std::move(logs);
}

/// They are numbered without gaps.
void future_cell::read_signals() {
  signal_inbox& in = rarely().signals;
  if (in.logs.empty()) open_logs();
  store& s = engine_.data().store_of(life_->durable);
  for (;;) {
    const auto r = s.load({in.logs[in.log], in.next});
    if (!r || r->spec.empty()) {
      if (in.log + 1 == in.logs.size()) return;
      ++in.log;
      in.next = first_signal_number;
      continue;
    }
    ++in.next;
    try {
      signal_record signal = decode_entry(r->spec).signal;
      if (!in.known.insert(signal.id).second) continue;
      in.waiting[signal.name].push_back({std::move(signal.id), std::move(signal.value)});
    } catch (const error& e) {
      engine_.log(log_level::error, life_->self.str() + ": a signal is left out: " + e.message());
    }
  }
}

void future_cell::on(signalled) { look_for_signals(); }

void future_cell::look_for_signals() {
  if (!wait_.active || wait_.kind != wait_request::what::signal) return;
  if (has_signal(wait_.name)) return wake();
  arm_look_for_signals();
}

/// Word of a signal may be lost with a node.
void future_cell::arm_look_for_signals() {
  if (wait_.timer) engine_.clock().cancel(std::exchange(wait_.timer, {}));
  const auto next_look = clock_now() + (rarely().signals.troubled ? after_trouble : between_looks);
  if (wait_.deadline <= next_look) return arm_wait_timer(wait_.deadline);
  // A future that waits for a signal is not under way.
  wait_.timer = engine_.clock().schedule(next_look, [&e = engine_, l = life_, token = wait_.token] {
    e.post(*l, timer_fired{timer_fired::what::wait, token});
  });
}

/// A function that goes on from its checkpoint does not send again what it has sent before that.
std::uint64_t future_cell::begin_part() {
  signal_sender& s = rarely().sent;
  if (std::exchange(s.in_part, false)) resume_part(s.part + 1);
  return s.part;
}

void future_cell::resume_part(std::uint64_t part) {
  signal_sender& s = rarely().sent;
  if (std::exchange(s.part, part) == part) return;
  s.count = 0;
  s.in_part = false;
}

/// Made of where in the function it is sent, so that a re-run, which leaves out what is recorded, gives the same.
std::string future_cell::next_sending(std::string_view name, std::string_view value) {
  signal_sender& s = rarely().sent;
  if (s.who.empty()) {
    // A root with an id may have been there before.
    const auto own = engine_.data().find(life_->self);
    s.who = life_->self.str() + "@" + std::to_string(own ? decode_entry(own->found.spec).spec.created : 0);
  }
  std::string where;
  if (running_step_) {
    where = "step " + std::to_string(*running_step_) + "/" + std::to_string(s.in_step++);
  } else {
    if (std::exchange(s.number, next_number_) != next_number_) s.count = 0;
    s.in_part = true;
    if (s.part > 0) where = "part " + std::to_string(s.part) + "/";
    where += std::to_string(s.number) + "/" + std::to_string(s.count++);
  }
  return s.who + "/" + where + "/" + std::to_string(call_digest(name, value));
}

void future_cell::enter_step(std::uint64_t number) {
  running_step_ = number;
  if (rare_) rare_->sent.in_step = 0;
}

void future_cell::leave_step() { running_step_.reset(); }

void future_cell::publish(bytes state) {
  check_payload(state, max_payload(), max_depth(), "what " + std::string(function_name()) + " publishes");
  if (history_ && !history_->exhausted()) return;
  life_->has_more.store(true, std::memory_order_relaxed);
  engine_.data().write(life_->durable,
                       {write::what::state, child_family(life_->self, 1), published_number, 0, std::move(state)});
}

}  // namespace banyan::detail
