#include "actors/history.hpp"

#include <algorithm>

#include <banyan/detail/recorded_run.hpp>

#include "actors/moved_arguments.hpp"
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

/// Names those that limit another wait, which begins anew.
bool is_limit(const step_record& sleep) { return !sleep.name.empty(); }

}  // namespace

/// Only answers are taken over: which of several was first is found out anew, signals are received anew, what was
/// refused may be made, and who had not slept enough sleeps again.
bool history::is_answer(const entry& e, const record& r) const {
  if (e.kind != entry_kind::step) return !r.result.empty() && decode_result(r.result).outcome == status::success;
  switch (e.step.kind) {
    case step_kind::choice:
    case step_kind::receive:
    case step_kind::refused: return false;
    case step_kind::sleep: return !is_limit(e.step) && decode<millis>(e.step.answer, "the end of a sleep") <= now_;
    case step_kind::run: return !is_failure_answer(e.step.answer);
    default: return true;
  }
}

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

bool history::gives(const earlier_entry& e) const { return !e.until && is_answer(decode_entry(e.found.spec), e.found); }

void history::add_earlier(const family_id& family, record r, const std::optional<fork>& end) {
  if (r.spec.empty()) return;
  const std::uint64_t number = r.index;
  const bool at_end = end && number == end->number;
  if (end && (number > end->number || (at_end && !end->within))) return;
  earlier_entry e{{family, number}, std::move(r), at_end ? end->within : std::nullopt};
  const auto it = earlier_.find(number);
  if (it == earlier_.end()) {
    earlier_.emplace(number, std::move(e));
  } else if (!gives(it->second) && gives(e)) {
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

/// A call whose arguments name siblings, by keys that are others in each attempt. Where it is the same but for these,
/// `there` and `e` become the call that is asked for. `stands`: the siblings are what they were.
bool history::is_same_elsewhere(earlier_entry& there, entry& e, const request& asked, bool& stands) const {
  if (e.kind != entry_kind::call || asked.kind != entry_kind::call || e.spec.function != asked.name) return false;
  auto moved = move_arguments(e.spec.arguments, there.where.family, own_);
  if (!moved || call_digest(asked.name, moved->arguments) != asked.digest) return false;
  stands = std::ranges::all_of(moved->children, [this](std::uint64_t n) { return taken_over_.contains(n); });
  e.spec.arguments = std::move(moved->arguments);
  there.found.spec = encode_spec(e.spec);
  return true;
}

history::answer history::match_earlier(std::uint64_t number, const request& asked) {
  answer a;
  const auto it = earlier_.find(number);
  if (it == earlier_.end()) return a;
  a.entry = decode_entry(it->second.found.spec);
  bool stands = true;
  if (!same(request_of(a.entry), asked) && !is_same_elsewhere(it->second, a.entry, asked, stands)) return a;
  a.earlier = it->second.where;
  a.until = it->second.until;
  a.found = std::move(it->second.found);
  earlier_.erase(it);
  if (!a.until && stands && is_answer(a.entry, a.found)) {
    a.kind = answer::what::taken_over;
    taken_over_.insert(number);
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
