#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "messages/family.hpp"
#include "messages/handlers.hpp"

/// What the function may make below budgets. That a call was refused is a step at its number: a re-run meets it again.
namespace banyan::detail {

/// After a number was taken for a call or a promise. Throws `error` (`budget_exceeded`) where it is not to be made.
void future_cell::heed_budget(std::uint64_t number, const history::answer& a, const history::request& asked,
                              std::size_t bytes) {
  if (a.kind == history::answer::what::recorded && a.entry.kind == entry_kind::step) {
    children_.add_step();
    header_written_ = true;
    error_info why;
    stop_on_damage([&] { why = decode_error(a.entry.step.answer); });
    throw error(std::move(why));
  }
  if (!life_->budget) return;
  const std::uint64_t slot = budgets::slot_of(cycle_.attempt(), number);
  if (a.kind == history::answer::what::recorded || a.kind == history::answer::what::taken_over) {
    life_->budget->count(slot, bytes);
    return;
  }
  const auto why = life_->budget->take(slot, bytes);
  if (!why) return;
  children_.add_step();
  write_header_once();
  write_new(life_->durable, {write::what::spec, family_, number, 0,
                             encode_step({step_kind::refused, asked.refused_name(), encode_error(*why)})});
  throw error(*why);
}

/// Counts what earlier runs have recorded below a future with a budget.
void future_cell::count_recorded() {
  if (!life_->budget || !life_->budget->counts()) return;
  struct parent {
    key self;
    std::uint64_t place;
    std::uint32_t attempts;
  };
  std::vector<parent> open{{life_->self, life_->budget->place(), cycle_.attempt()}};
  while (!open.empty()) {
    const parent p = open.back();
    open.pop_back();
    for (std::uint32_t attempt = handlers_attempt; attempt <= p.attempts; ++attempt) {
      const family_id family = child_family(p.self, attempt);
      for (const record& r : engine_.data().family(family, life_->durable)) {
        const auto size = recorded_size(r);
        if (!size) continue;
        const std::uint64_t place = budgets::place_below(p.place, budgets::slot_of(attempt, r.index));
        life_->budget->count_at(place, *size);
        open.push_back({{family, r.index}, place, static_cast<std::uint32_t>(r.attempts.size() + 1)});
      }
    }
  }
}

/// The bytes of the arguments of a child; nothing for what is none.
std::optional<std::size_t> future_cell::recorded_size(const record& r) const try {
  if (r.spec.empty()) return std::nullopt;
  const entry e = decode_entry(r.spec);
  if (e.kind != entry_kind::call && e.kind != entry_kind::promise) return std::nullopt;
  return e.spec.arguments.size();
} catch (const error& e) {
  engine_.log(log_level::error, life_->self.str() + ": a child is not counted: " + e.message());
  return std::nullopt;
}

}  // namespace banyan::detail
