#include <banyan/context.hpp>
#include <banyan/critical_section.hpp>
#include <banyan/debounce.hpp>

#include "actors/debounce_rules.hpp"
#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/insist.hpp"
#include "actors/payload.hpp"
#include "messages/clock.hpp"
#include "messages/names.hpp"

namespace banyan::detail {
namespace {

template <class... P>
task<payload> run_in_section(context& ctx, std::string name, fn<payload(P...)> call, P... arguments) {
  activation& self = require_activation("critical_section");
  // What is tried again is the child, which keeps its place meanwhile.
  self.leave_retries_to_child();
  options in_turn = self.handed_down();
  in_turn.queue = section_queue(name);
  const future<payload> inside = ctx.spawn(in_turn, call, std::move(arguments)...);
  co_return co_await inside;
}

/// What is agreed on for calls of one kind: when their newest run starts.
millis agree_on_run(engine& e, const std::string& calls, millis first, millis repeat) {
  const std::string name = "debounce:" + calls;
  bytes seen = e.data().backend().compare_and_set(name, {}, {}, {}).value_or(bytes());
  for (;;) {
    const millis now = e.now_ms();
    const millis last = seen.empty() ? 0 : decode<millis>(seen, "the time of a debounced run");
    const millis starts = run_after(last, now, first, repeat);
    const auto kept = remembered_for(starts, now, first, repeat);
    const auto other = e.data().backend().compare_and_set(name, seen, encode(starts), kept);
    if (!other) return starts;
    seen = *other;
  }
}

/// The run, which any of those who have a part in it may begin.
key begin_run(engine& e, const std::string& calls, millis starts, options opts, const bound_call& call) {
  opts.id = "debounce:" + calls + "@" + std::to_string(starts);
  opts.start_at = from_millis(starts);
  try {
    return e.spawn_root(opts, {call.function, call.entry().version}, call.complete(0, {}));
  } catch (const error& other_arguments) {
    if (other_arguments.code() != errc::id_conflict) throw;
    return runtime::key_of(opts.id.str());
  }
}

template <class... P>
task<payload> run_debounced(context& ctx, millis first, millis repeat, std::string name, fn<payload(P...)> f,
                            P... arguments) {
  const auto call = f.bound_to(std::move(arguments)...);
  key joined;
  const std::string calls = name.empty() ? call.stable_id() : "=" + name;
  const options handed_down = require_activation("debounce").handed_down();
  const auto join_now = [&] {
    const auto engine = open_engine(ctx.attach<payload>(ctx.key()));
    const millis starts = agree_on_run(*engine, calls, first, repeat);
    joined = begin_run(*engine, calls, starts, handed_down, call.call());
  };
  const auto join = [&]() -> task<std::string> {
    co_await insist(ctx, join_now);
    co_return joined.str();
  };
  // Another attempt, or a root that is run again, joins anew: what this one joins may fail.
  const std::string step = "join of " + ctx.key().str() + " " + std::to_string(ctx.attempt());
  const std::string run = co_await ctx.run(step, join);
  const future<payload> shared = ctx.attach<payload>(key::parse(run));
  co_return co_await shared;
}

template <std::size_t>
using any_argument = payload;

template <std::size_t... I>
void register_with(std::index_sequence<I...>) {
  const std::string count = "/" + std::to_string(sizeof...(I));
  registration(std::string(section_function) + count, run_in_section<any_argument<I>...>);
  registration("banyan.debounce" + count, run_debounced<any_argument<I>...>);
}

template <std::size_t... N>
void register_up_to(std::index_sequence<N...>) {
  (register_with(std::make_index_sequence<N>()), ...);
}

}  // namespace

bytes encode_section(std::string_view name) {
  if (name.empty()) throw error(errc::invalid_argument, "critical_section: it has a name");
  check_name(name, "critical_section: its name");
  return encode(std::string(name));
}

bytes encode_debounce(const debounce_options& opts) {
  if (opts.first.count() < 0 || opts.repeat.count() < 0 || (opts.first.count() == 0 && opts.repeat.count() == 0)) {
    throw error(errc::invalid_argument, "debounce: first and repeat are not negative, and not both 0");
  }
  check_name(opts.name.str(), "debounce: name");
  return encode(opts.first.count()) + encode(opts.repeat.count()) + encode(opts.name.str());
}

void register_calls_in_turn() {
  static const bool once = (register_up_to(std::make_index_sequence<7>()), true);
  static_cast<void>(once);
}

}  // namespace banyan::detail
