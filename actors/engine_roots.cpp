#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/option_rules.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
namespace {

void expect_same_call(const key& k, const spec_record& given, const spec_record& there, const std::string& id) {
  if (there.function == given.function && there.arguments == given.arguments) return;
  throw error(errc::id_conflict, "the id '" + id + "' is taken by a call of " + there.function +
                                     (there.function == given.function ? " with other arguments" : "") + " (key " +
                                     k.str() + ")");
}

}  // namespace

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
      spawning_.unless(entry.family, [&] {
        log(log_level::warning, "root " + k.str() + " is listed, but has no record: it is taken off the list");
        records_.write(true, {write::what::drop_root, entry.family, 0, 0, {}});
      });
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
  collector_.root_begun(t->self.family, t->own->durable, t->history != nullptr, t->settings().retention);
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

bool engine::may_be_ours(const family_id& root) const {
  return !drives(root) && !spawning_.contains(root) && !unclaimed_.contains(root);
}

/// Another process recorded it at `created`, and may have died before its place in the list, which may be ours, was
/// its.
void engine::expect_claim(const family_id& root, millis created) {
  if (!records_.backend().cluster() || drives(root)) return;
  unclaimed_.add(root, created + settings_.lease.count() * 3 / 2);
}

void engine::drive_unclaimed() {
  for (const family_id& root : unclaimed_.due(now_ms())) {
    if (!drives(root) && records_.backend().cluster()->take_root(root, settings_.name)) take_over(root);
    unclaimed_.remove(root);
  }
}

key engine::spawn_root(const options& opts, const function_ref& function, bytes arguments, std::optional<write> ahead) {
  require_running();
  check_root_options(opts);
  check_queue(opts);
  check_payload(arguments, settings_.limits.max_payload, settings_.limits.max_depth,
                "the arguments of " + std::string(function.name));
  check_handler_arguments(opts, settings_.limits);
  const millis now = now_ms();
  const key k{opts.id.empty() ? random_family(now) : named_family(opts.id.str()), 0};
  spec_record call;
  call.function = function.name;
  call.version = function.version;
  call.arguments = std::move(arguments);
  call.created = now;
  call.start_at = start_time(opts, now);
  call.opts = recorded_options(opts);
  spawning::token here(spawning_, k.family);
  std::vector<write> group;
  group.push_back({write::what::add_root, k.family, 0, now, {}});
  group.push_back({write::what::spec, k.family, 0, 0, encode_spec(call)});
  const write_outcome outcome = records_.journal_of(opts.durable).commit(std::move(group), store_patience);
  millis created = now;
  if (!outcome.won) {
    const spec_record there = decode_entry(outcome.existing).spec;
    expect_same_call(k, call, there, opts.id.str());
    created = there.created;
  }
  if (ahead) records_.write(true, std::move(*ahead));
  if (!outcome.won) {
    if (opts.durable) expect_claim(k.family, created);
    // Who has recorded it in this process drives it before he is done.
    if (here.release()) drive_unclaimed();
    return k;
  }
  if (opts.durable && !opts.id.empty()) list_anew(k.family, now);
  drive_root(make_ticket(k, {}, 1, std::move(call)));
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
