#include <algorithm>

#include "actors/engine.hpp"
#include "actors/future_cell.hpp"

namespace banyan::detail {

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
  try {
    read_signals();
  } catch (const error& e) {
    // It is looked for again.
    engine_.log(log_level::warning, life_->self.str() + ": cannot look for signals: " + e.message());
  }
  const auto waiting = rarely().signals.waiting.find(name);
  return waiting != rare_->signals.waiting.end() && !waiting->second.empty();
}

/// They are numbered without gaps.
void future_cell::read_signals() {
  inbox& in = rarely().signals;
  const family_id family = child_family(life_->self, 1);
  store& s = engine_.data().store_of(life_->durable);
  for (;;) {
    const auto r = s.load({family, in.next});
    if (!r || r->spec.empty()) return;
    has_more_ = true;
    signal_record signal = decode_entry(r->spec).signal;
    ++in.next;
    if (!in.known.insert(signal.id).second) continue;
    in.waiting[signal.name].push_back({std::move(signal.id), std::move(signal.value)});
  }
}

void future_cell::on(signalled) {
  has_more_ = true;
  look_for_signals();
}

void future_cell::look_for_signals() {
  if (!wait_.active || wait_.kind != wait_request::what::signal) return;
  if (has_signal(wait_.name)) return wake();
  arm_look_for_signals();
}

/// Where several programs share a store, word of a signal may be lost with a node.
void future_cell::arm_look_for_signals() {
  constexpr std::chrono::seconds between_looks{10};
  auto next = wait_.deadline;
  if (engine_.data().backend().shared()) next = std::min(next, clock_now() + between_looks);
  if (wait_.timer) engine_.clock().cancel(std::exchange(wait_.timer, {}));
  if (next != no_deadline) arm_wait_timer(next);
}

std::string future_cell::next_sending(std::string_view name, std::string_view value) {
  return life_->self.str() + "/" + std::to_string(rarely().sendings++) + "/" + std::to_string(call_digest(name, value));
}

void future_cell::publish(bytes state) {
  check_payload(state, max_payload(), max_depth(), "what " + std::string(function_name()) + " publishes");
  if (history_ && !history_->exhausted()) return;
  has_more_ = true;
  write_new(life_->durable, {write::what::state, child_family(life_->self, 1), published_number, 0, std::move(state)});
}

}  // namespace banyan::detail
