#include "actors/travel.hpp"

#include <algorithm>

#include "actors/given_functions.hpp"

namespace banyan::detail {

place_frame frame_of(const ticket& t, millis now) {
  place_frame f;
  f.child = t.self;
  f.parent = t.parent->self;
  f.attempt = t.parent_attempt;
  f.level = t.level();
  f.root = t.parent->root()->self.family;
  f.keep = t.parent->keep_records;
  f.priority = t.parent->priority;
  f.queues = queues_above(t);
  f.age = now - std::max(t.created, t.start_at);
  f.again = t.history != nullptr;
  f.spec = encode_call(t.called(), t.arguments, t.created, t.start_at, t.opts.get(), t.replaces.get());
  return f;
}

std::vector<std::string> queues_above(const ticket& t) {
  std::vector<std::string> all;
  const auto add = [&all](const std::string& queue) {
    if (!queue.empty() && std::ranges::count(all, queue) == 0) all.push_back(queue);
  };
  for (const life* above = t.parent.get(); above; above = above->parent.get()) {
    add(above->queue.str());
    if (above->far) std::ranges::for_each(above->far->queues, add);
  }
  return all;
}

bool is_below(const ticket& t, const key& k) {
  if (t.self == k) return true;
  for (const life* above = t.parent.get(); above; above = above->parent.get()) {
    if (above->self == k) return true;
  }
  return false;
}

call_needs needs_of(const ticket& t) {
  return {t.called(), given_functions(t.function_name(), t.arguments), t.settings().queue.str()};
}

bool must_stop(const ticket& t) {
  return t.parent->ends_child(t.parent_attempt, t.self.index, t.settings().on_parent_done);
}

bool is_durable(const ticket& t) { return t.settings().durable && (t.parent ? t.parent->durable : t.own->durable); }

bool may_leave(const ticket& t) {
  const bool ours = !t.parent || !t.parent->far;
  const bool counted = t.parent && t.parent->budget;
  return ours && !counted && is_durable(t) && !(t.history && t.history->homes);
}

void expect_record(ticket& t) {
  t.history = std::make_unique<ticket::past>();
  t.history->read_again = true;
  t.history->elsewhere = true;
}

}  // namespace banyan::detail
