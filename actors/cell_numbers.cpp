#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/future_cell.hpp"
#include "actors/option_rules.hpp"
#include "messages/family.hpp"
#include "messages/names.hpp"

namespace banyan::detail {

key future_cell::child_key(std::uint64_t number) { return {family_, number}; }

history::answer future_cell::match(const history::request& asked) {
  if (!history_) return {};
  history::answer a;
  stop_on_damage([&] { a = history_->match(next_number_, asked); });
  if (a.kind == history::answer::what::differs) {
    stop_for({errc::nondeterminism, a.why, std::string(function_name()), life_->self});
  }
  return a;
}

/// Reads records: what is wrong with them stops the run, and is no failure of the function.
void future_cell::stop_on_damage(const std::function<void()>& read) {
  try {
    read();
  } catch (const error& e) {
    stop_for({e.code(), e.message(), std::string(function_name()), life_->self});
  }
}

key future_cell::spawn(const function_entry& function, bytes arguments, const options* opts) {
  check();
  check_payload(arguments, max_payload(), max_depth(), "the arguments of " + function.name);
  std::shared_ptr<const options> own_options;
  millis start_at = 0;
  if (opts) {
    check_child_options(*opts);
    engine_.check_queue(*opts, function_name());
    check_handler_arguments(*opts, engine_.config().limits);
    start_at = start_time(*opts, engine_.now_ms());
    own_options = recorded_options(*opts);
  }
  const std::uint64_t digest = history_ || life_->budget ? call_digest(function.name, arguments) : 0;
  const history::request asked{entry_kind::call, {}, function.name, digest};
  history::answer a = match(asked);
  const std::uint64_t number = next_number_++;
  heed_budget(number, a, asked, arguments.size());
  switch (a.kind) {
    case history::answer::what::recorded: stop_on_damage([&] { meet_recorded_child(number, std::move(a)); }); break;
    case history::answer::what::taken_over: take_over_child(number, std::move(a)); break;
    default: {
      const predecessor earlier(a.earlier, a.until);
      const bool replaces = a.kind == history::answer::what::replaces;
      // It takes over what that version has recorded.
      const std::uint32_t version = replaces ? a.entry.spec.version : function.version;
      const function_entry* const same = replaces ? find_function({function.name, version}) : &function;
      spawn_fresh(number, same ? *same : function, same ? version : function.version, std::move(arguments),
                  std::move(own_options), start_at, replaces ? &earlier : nullptr);
    }
  }
  take_early(number);
  return child_key(number);
}

void future_cell::spawn_fresh(std::uint64_t number, const function_entry& f, std::uint32_t version, bytes arguments,
                              std::shared_ptr<const options> opts, millis start_at, const predecessor* replaces) {
  const millis created = engine_.now_ms();
  const options defaults;
  const options& o = opts ? *opts : defaults;
  const bool durable = life_->durable && o.durable;
  write_header_once();
  children_.add_child(o.on_parent_done, o.weight.value_or(1), has_handlers(o));
  child_gauges_changed();
  note_records_below(o);
  cycle_.child_opened();
  write_new(durable, {write::what::spec, family_, number, 0,
                      encode_call({f.name, version}, arguments, created, start_at, opts.get(), replaces)});
  auto t = std::make_unique<ticket>();
  t->self = child_key(number);
  t->parent = life_;
  t->function = &f;
  t->arguments = std::move(arguments);
  t->opts = std::move(opts);
  t->created = created;
  t->start_at = start_at;
  t->parent_attempt = cycle_.attempt();
  t->version = version;
  if (replaces) t->replaces = std::make_unique<predecessor>(*replaces);
  start_child(std::move(t));
}

void future_cell::meet_recorded_child(std::uint64_t number, history::answer a) {
  const options& o = a.entry.spec.settings();
  children_.add_child(o.on_parent_done, o.weight.value_or(1), has_handlers(o));
  child_gauges_changed();
  note_records_below(o);
  cycle_.child_opened();
  header_written_ = true;
  if (is_settled(a.found)) {
    result_record result = decode_result(a.found.result);
    const banyan::progress p = result.gauge;
    children_.finish(number, outcome_of(std::move(result)), p.calculated, p.weight);
    children_.close(number);
    cycle_.child_closed();
    child_gauges_changed();
  } else {
    resume_child(number, std::move(a.entry.spec), std::move(a.found));
  }
}

void future_cell::take_over_child(std::uint64_t number, history::answer a) {
  const options& o = a.entry.spec.settings();
  const bool durable = life_->durable && o.durable;
  write_header_once();
  result_record result = decode_result(a.found.result);
  result.settled = true;
  // The result first: what has no spec was never asked for, where the process dies in between.
  std::vector<write> group;
  group.push_back({write::what::result, family_, number, 0, encode_result(result)});
  group.push_back({write::what::spec, family_, number, 0, a.found.spec});
  engine_.data().journal_of(durable).submit(std::move(group), {});
  children_.add_child(o.on_parent_done, o.weight.value_or(1), has_handlers(o));
  note_records_below(o);
  const banyan::progress p = result.gauge;
  children_.finish(number, outcome_of(std::move(result)), p.calculated, p.weight);
  children_.close(number);
  child_gauges_changed();
}

key future_cell::make_promise(std::string_view name) {
  check();
  const history::request asked{entry_kind::promise, {}, name, 0};
  history::answer a = match(asked);
  if (a.kind == history::answer::what::fresh) check_name(name, "a promise's name");
  const std::uint64_t number = next_number_++;
  heed_budget(number, a, asked, 0);
  children_.add_child(on_parent_done::follow, 1);
  cycle_.child_opened();
  children_.find(number)->promise = true;
  if (a.kind == history::answer::what::taken_over) {
    std::vector<write> group;
    group.push_back({write::what::result, family_, number, 0, a.found.result});
    group.push_back({write::what::spec, family_, number, 0, a.found.spec});
    write_header_once();
    engine_.data().journal_of(life_->durable).submit(std::move(group), {});
  } else if (a.kind != history::answer::what::recorded) {
    write_header_once();
    spec_record spec;
    spec.kind = entry_kind::promise;
    spec.function = name;
    spec.created = engine_.now_ms();
    write_new(life_->durable, {write::what::spec, family_, number, 0, encode_spec(spec)});
  } else {
    header_written_ = true;
  }
  if (!a.found.result.empty()) {
    stop_on_damage([&] {
      on(child_done{number, cycle_.attempt(), outcome_of(decode_result(a.found.result)), true, 1, 1});
    });
  }
  take_early(number);
  return child_key(number);
}

step_ticket future_cell::begin_step(step_kind kind, std::string_view name) {
  check();
  history::answer a = match({entry_kind::step, kind, name, 0});
  if (a.kind == history::answer::what::fresh) check_name(name, "a step's name");
  step_ticket step{next_number_++, kind, std::string(name), std::nullopt};
  children_.add_step();
  if (a.kind == history::answer::what::taken_over) record_step(step, a.entry.step.answer);
  if (a.kind == history::answer::what::taken_over || a.kind == history::answer::what::recorded) {
    step.recorded = std::move(a.entry.step.answer);
  }
  return step;
}

void future_cell::record_step(const step_ticket& step, bytes answer) {
  // From here on no other version may take it up.
  if (ticket_->version == any_version) write_header_once();
  const std::uint32_t n = ++steps_written_;
  write_new(life_->durable,
            {write::what::spec, family_, step.number, 0, encode_step({step.kind, step.name, std::move(answer)})},
            [&e = engine_, l = life_, n, t = motion::token(engine_.moving())](const write_outcome& o) {
              if (!o.won) return e.post(*l, rewritten{});
              l->durable_steps.store(n);
              if (l->awaited_steps.load() <= n) e.post(*l, steps_recorded{});
            });
}

void future_cell::record_step_now(const step_ticket& step, bytes answer) {
  record_step(step, std::move(answer));
  if (!coroutine_) engine_.data().journal_of(life_->durable).flush();
}

void future_cell::cancel_child(const key& k) {
  if (k.family != family_) return;
  heed({&k, 1});
  const child_table::child* c = children_.find(k.index);
  if (!c || c->state == child_table::state::closed) return;
  engine_.cancel_child(life_, k, cycle_.attempt(), *c);
}

/// A child's result may have come before a re-run got to its number.
void future_cell::take_early(std::uint64_t number) {
  if (!rare_) return;
  const auto it = rare_->early.find(number);
  if (it == rare_->early.end()) return;
  child_done m = std::move(it->second);
  rare_->early.erase(it);
  on(std::move(m));
}

/// Writes what no earlier run has recorded. Once it is durable, this future is past the point at which the process
/// died.
void future_cell::write_new(bool durable, write w, committed done) {
  if (durable && std::exchange(suspect_, false)) {
    done = [marks = engine_.marks(), who = life_->self, then = std::move(done)](const write_outcome& outcome) {
      marks->absolve(who);
      if (then) then(outcome);
    };
  }
  engine_.data().write(durable, std::move(w), std::move(done));
}

void future_cell::write_header_once() {
  if (std::exchange(header_written_, true)) return;
  write_header(family_, cycle_.attempt());
}

void future_cell::write_header(const family_id& family, std::uint32_t attempt) {
  engine_.data().write(life_->durable, {write::what::header, family, 0, 0,
                                        encode_header({life_->self, attempt, life_->level + 1, version_to_say()})});
}

}  // namespace banyan::detail
