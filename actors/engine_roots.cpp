#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/option_rules.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {

void engine::recover() {
  known_functions_ = registry_generation();
  set_clock();
  for (const root_entry& entry : records_.backend().roots(true)) resume_root(entry);
  keep_gauges();
  outside_.start();
}

void engine::take_over(const family_id& root) {
  if (const auto entry = records_.backend().root(root); entry && entry->settled == 0) resume_root(*entry);
}

bool engine::begin_submitted(const key& k) {
  // In a shared one a node takes it from the list.
  if (records_.backend().shared()) return false;
  if (!live_.find(k)) take_over(k.family);
  return true;
}

bool engine::drives(const family_id& root) const {
  const std::lock_guard lock(roots_mutex_);
  return roots_.contains(root);
}

void engine::leave_root(const key& k) {
  if (const life_ptr l = live_.find(k)) leave_unstarted(*l);
  collector_.root_left(k.family);
  const std::lock_guard lock(roots_mutex_);
  roots_.erase(k.family);
}

void engine::resume_root(const root_entry& entry) {
  const key k{entry.family, 0};
  try {
    auto r = records_.backend().load(k);
    if ((!r || r->spec.empty()) && records_.backend().shared()) {
      // Listed just before the process died, so that `spawn` has never returned it; or lost by its server.
      log(log_level::warning, "root " + k.str() + " is listed, but has no record: it is taken off the list");
      records_.write(true, {write::what::drop_root, entry.family, 0, 0, {}});
      return;
    }
    if (!r || r->spec.empty()) throw error(errc::corrupt_record, "it is listed as a root, but has no record");
    entry_kind kind{};
    banyan::detail::entry e = decode_entry(r->spec);
    kind = e.kind;
    if (kind != entry_kind::call) throw error(errc::corrupt_record, "a root's record is no call");
    ticket_ptr t = make_ticket(k, {}, 1, std::move(e.spec));
    t->history = std::make_unique<ticket::past>();
    t->history->found = std::move(*r);
    drive_root(std::move(t));
  } catch (const error& e) {
    // Later it may be.
    if (e.code() == errc::store_unavailable) throw;
    log(log_level::error, "root " + k.str() + " cannot be resumed, the others go on: " + e.message());
  }
}

void engine::drive_root(ticket_ptr t) {
  t->own = life_ptr(new life(t->self, {}, 1, t->settings(), epoch_));
  if (live_.add(t->own)) return;
  {
    const std::lock_guard lock(roots_mutex_);
    roots_.emplace(t->self.family, t->own);
  }
  if (t->own->durable) collector_.root_begun(t->self.family, t->history != nullptr, t->settings().retention);
  t->under_way = motion::token(motion_);
  enqueue(std::move(t));
}

/// Clocks that differ may leave a place in the list longer than the tree that it stood for.
void engine::list_anew(const family_id& root, millis now) {
  if (!records_.backend().expires()) return;
  try {
    const std::optional<root_entry> listed = records_.backend().root(root);
    if (listed && listed->settled == 0) return;
  } catch (const error&) {
    // To list it twice does no harm.
  }
  records_.write(true, {write::what::claim_root, root, 0, now, {}});
}

key engine::spawn_root(const options& opts, const function_entry& function, bytes arguments) {
  require_running();
  check_root_options(opts);
  check_queue(opts);
  check_payload(arguments, settings_.limits.max_payload, settings_.limits.max_depth,
                "the arguments of " + function.name);
  const millis now = now_ms();
  const key k{opts.id.empty() ? random_family(now) : named_family(opts.id.str()), 0};
  auto t = std::make_unique<ticket>();
  t->self = k;
  t->function = &function;
  t->version = function.version;
  t->opts = recorded_options(opts);
  t->created = now;
  t->start_at = start_time(opts, now);
  std::vector<write> group;
  group.push_back({write::what::add_root, k.family, 0, now, {}});
  group.push_back(
      {write::what::spec, k.family, 0, 0,
       encode_call({function.name, function.version}, arguments, now, t->start_at, t->opts.get(), nullptr)});
  const write_outcome outcome = records_.journal_of(opts.durable).commit(std::move(group), store_patience);
  if (outcome.won) {
    if (opts.durable && !opts.id.empty()) list_anew(k.family, now);
    t->arguments = std::move(arguments);
    drive_root(std::move(t));
    return k;
  }
  const banyan::detail::entry existing = decode_entry(outcome.existing);
  if (existing.spec.function != function.name || existing.spec.arguments != arguments) {
    throw error(errc::id_conflict, "the id '" + opts.id.str() + "' is taken by a call of " + existing.spec.function +
                                       (existing.spec.function == function.name ? " with other arguments" : "") +
                                       " (key " + k.str() + ")");
  }
  return k;
}

key engine::run_again(spec_record call, bool durable) {
  require_running();
  const millis now = now_ms();
  const key k{random_family(now), 0};
  call.created = now;
  std::vector<write> group;
  group.push_back({write::what::add_root, k.family, 0, now, {}});
  group.push_back({write::what::spec, k.family, 0, 0, encode_spec(call)});
  records_.journal_of(durable).commit(std::move(group), store_patience);
  drive_root(make_ticket(k, {}, 1, std::move(call)));
  return k;
}

}  // namespace banyan::detail
