#include "actors/recurrence_plan.hpp"

#include "actors/option_rules.hpp"
#include "messages/clock.hpp"
#include "messages/names.hpp"

namespace banyan::detail {
namespace {

constexpr std::uint64_t most_at_once = 1000;

[[noreturn]] void reject(const std::string& why) { throw error(errc::invalid_argument, "every: " + why); }

void check_run(const options& run) {
  if (!run.id.empty()) reject("the id belongs to the schedule; a run is named by its time");
  if (run.start_after || run.start_at) reject("run takes no start_after and no start_at: the schedule says when");
  if (!run.durable) reject("runs are durable");
  check_root_options(run);
}

/// As what makes them does.
void check_times(const schedule& when) {
  if (when == schedule()) reject("the schedule has no times; make it by interval or cron");
  const bool by_calendar = !when.expression.empty() || !when.zone.empty();
  if (when.length.count() != 0 && by_calendar) reject("the schedule is an interval or one of cron, not both");
  static_cast<void>(by_calendar ? cron(when.expression, when.zone) : interval(when.length));
}

void check(const every_options& opts, const schedule& when) {
  if (opts.id.empty()) reject("it takes an id, by which the schedule is found again");
  check_name(opts.id.str(), "every: id");
  check_times(when);
  if (opts.overlap > overlap::allow) reject("unknown overlap");
  if (opts.catch_up > catch_up::all) reject("unknown catch_up");
  if (opts.max_late && opts.max_late->count() <= 0) reject("max_late is longer than nothing");
  if (opts.times && *opts.times == 0) reject("times is at least 1");
  if (opts.start_at && opts.until && *opts.until < *opts.start_at)
    reject("it ends (until) before it begins (start_at)");
  check_run(opts.run);
}

std::optional<millis> millis_of(const std::optional<std::chrono::system_clock::time_point>& t) {
  if (!t) return std::nullopt;
  return to_millis(*t);
}

}  // namespace

void whole_call::msgpack_pack(msgpack::packer<bytes_sink>& p) const { pack_call(p, value); }

void whole_call::msgpack_unpack(const msgpack::object& o) { value = unpack_call(o); }

schedule recurrence_plan::times_of() const {
  return {.length = std::chrono::milliseconds(interval), .expression = cron, .zone = zone};
}

std::uint64_t recurrence_plan::most_made_up() const {
  return static_cast<banyan::catch_up>(catch_up) == banyan::catch_up::all ? most_at_once : 1;
}

recurrence_plan plan_of(const every_options& opts, const schedule& when, const bound_call& call) {
  check(opts, when);
  recurrence_plan plan;
  plan.interval = when.length.count();
  plan.cron = when.expression;
  plan.zone = when.zone;
  plan.call.value = call;
  plan.run.value = opts.run;
  if (plan.run.value.name.empty()) plan.run.value.name = opts.id;
  plan.overlap = static_cast<unsigned>(opts.overlap);
  plan.catch_up = static_cast<unsigned>(opts.catch_up);
  if (opts.max_late) plan.max_late = opts.max_late->count();
  plan.start_at = millis_of(opts.start_at);
  plan.until = millis_of(opts.until);
  plan.times = opts.times;
  return plan;
}

std::string differences(const recurrence_plan& there, const recurrence_plan& given) {
  std::string all;
  const auto note = [&](const std::string& what) { all += (all.empty() ? "" : "; ") + what; };
  if (there.times_of() != given.times_of()) {
    note("its times are " + to_string(there.times_of()) + ", not " + to_string(given.times_of()));
  }
  const bound_call& call = there.call.value;
  if (call.function != given.call.value.function) {
    note("it runs " + call.function + ", not " + given.call.value.function);
  } else if (call != given.call.value) {
    note("it runs " + call.function + " with other arguments");
  }
  if (encode(there.run) != encode(given.run)) note("its runs have other options");
  const auto rest = [](const recurrence_plan& p) {
    return std::tie(p.overlap, p.catch_up, p.max_late, p.start_at, p.until, p.times);
  };
  if (rest(there) != rest(given)) note("its overlap, catch_up, max_late, start_at, until or times are others");
  return all;
}

}  // namespace banyan::detail
