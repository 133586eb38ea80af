#include "actors/history.hpp"

#include <banyan/detail/recorded_run.hpp>

#include "messages/family.hpp"

namespace banyan::detail {
namespace {

bool same(const history::request& a, const history::request& b) {
  return a.kind == b.kind && a.step == b.step && a.name == b.name && a.digest == b.digest;
}

bool refuses(const entry& e, const history::request& asked) {
  return e.kind == entry_kind::step && e.step.kind == step_kind::refused && asked.kind != entry_kind::step &&
         e.step.name == asked.refused_name();
}

/// Only answers are taken over: which of several was first is found out anew, signals are received anew, and what was
/// refused may be made.
bool is_answer(const entry& e, const record& r) {
  if (e.kind == entry_kind::step) {
    const step_kind k = e.step.kind;
    if (k == step_kind::choice || k == step_kind::receive || k == step_kind::refused) return false;
    return !(e.step.kind == step_kind::run && is_failure_answer(e.step.answer));
  }
  return !r.result.empty() && decode_result(r.result).outcome == status::success;
}

}  // namespace

history::request request_of(const entry& e) {
  switch (e.kind) {
    case entry_kind::step: return {e.kind, e.step.kind, e.step.name, 0};
    case entry_kind::promise: return {e.kind, {}, e.spec.function, 0};
    case entry_kind::call:
    case entry_kind::signal: break;
  }
  return {e.kind, {}, e.spec.function, call_digest(e.spec.function, e.spec.arguments)};
}

bool is_settled(const record& r) {
  if (r.result.empty()) return false;
  return decode_result(r.result).settled || (!r.gauge.empty() && decode_gauge(r.gauge).settled);
}

std::string history::request::describe() const {
  switch (kind) {
    case entry_kind::step: return "step " + std::string(to_string(step)) + " '" + std::string(name) + "'";
    case entry_kind::promise: return "promise '" + std::string(name) + "'";
    case entry_kind::call:
    case entry_kind::signal: break;
  }
  return "call of " + std::string(name);
}

std::string history::request::refused_name() const {
  return kind == entry_kind::promise ? describe() : describe() + " " + std::to_string(digest);
}

// What has no spec was never asked for: all that is left of a child whose spec was kept in memory only.
void history::add_current(record r) {
  if (!r.spec.empty()) current_.push_back(std::move(r));
}

bool history::earlier_entry::gives() const { return !until && is_answer(decode_entry(found.spec), found); }

void history::add_earlier(const family_id& family, record r, const std::optional<fork>& end) {
  if (r.spec.empty()) return;
  const std::uint64_t number = r.index;
  const bool at_end = end && number == end->number;
  if (end && (number > end->number || (at_end && !end->within))) return;
  earlier_entry e{{family, number}, std::move(r), at_end ? end->within : std::nullopt};
  const auto it = earlier_.find(number);
  if (it == earlier_.end()) {
    earlier_.emplace(number, std::move(e));
  } else if (!it->second.gives() && e.gives()) {
    it->second = std::move(e);
  }
}

history::answer history::match(std::uint64_t number, const request& asked) {
  while (next_ < current_.size() && current_[next_].index < number) ++next_;
  if (next_ == current_.size() || current_[next_].index != number) return match_earlier(number, asked);
  answer a;
  a.found = std::move(current_[next_++]);
  a.entry = decode_entry(a.found.spec);
  const request recorded = request_of(a.entry);
  a.kind = answer::what::recorded;
  if (!same(recorded, asked) && !refuses(a.entry, asked)) {
    a.kind = answer::what::differs;
    a.why = "at number " + std::to_string(number) + " the record holds a " + recorded.describe() +
            ", the function now asks for a " + asked.describe();
    if (recorded.kind == entry_kind::call && asked.kind == entry_kind::call && recorded.name == asked.name) {
      a.why += " with other arguments";
    }
  }
  return a;
}

history::answer history::match_earlier(std::uint64_t number, const request& asked) {
  answer a;
  const auto it = earlier_.find(number);
  if (it == earlier_.end()) return a;
  a.entry = decode_entry(it->second.found.spec);
  if (!same(request_of(a.entry), asked)) return a;
  a.earlier = it->second.where;
  a.until = it->second.until;
  a.found = std::move(it->second.found);
  earlier_.erase(it);
  if (!a.until && is_answer(a.entry, a.found)) {
    a.kind = answer::what::taken_over;
  } else if (asked.kind == entry_kind::call) {
    a.kind = answer::what::replaces;
  } else {
    return {};
  }
  return a;
}

std::vector<record> history::take_rest() {
  std::vector<record> rest(std::make_move_iterator(current_.begin() + static_cast<std::ptrdiff_t>(next_)),
                           std::make_move_iterator(current_.end()));
  current_.clear();
  next_ = 0;
  return rest;
}

std::string history::describe_next() const {
  const record& r = current_[next_];
  return std::to_string(r.index) + " (" + request_of(decode_entry(r.spec)).describe() + ")";
}

}  // namespace banyan::detail
