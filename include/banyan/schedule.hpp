#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <banyan/codec.hpp>
#include <banyan/detail/label.hpp>
#include <banyan/options.hpp>

namespace banyan {

/// The times of a recurring future. Made by `interval` and `cron`; one that they would not make is refused by `every`.
struct schedule {
  std::chrono::milliseconds length{0};  ///< of an interval; 0: it goes by `expression`
  std::string expression{};             ///< of cron
  std::string zone{};                   ///< of cron

  bool operator==(const schedule&) const = default;
};

/// One `length` after another, counted from `every_options::start_at`, or else from the call of `every`. Throws `error`
/// (`invalid_argument`) for less than a millisecond and for more than a hundred years.
schedule interval(std::chrono::milliseconds length);

/// The times of a line of cron: minute, hour, day of the month, month and day of the week, each `*`, a number, a name
/// (`jan`, `mon`), a range, a list of these, or one of them with a step: `*/15 9-17 * * mon-fri`. Sunday is 0 and 7.
/// Where both days are restricted, that is, begin with no `*`, one of them is enough. `@hourly`, `@daily`, `@weekly`,
/// `@monthly` and `@yearly` are known.
///
/// `zone` is a name of the IANA, as in `Europe/Berlin`. When clocks are put forward, what asks for an hour that is left
/// out runs right after it; when they are put back, it runs the first time only. What asks for no hour (`*`) goes on
/// by the minutes that pass. Throws `error` (`invalid_argument`) for a bad expression, one that no day matches, and a
/// zone that this machine does not know.
schedule cron(std::string_view expression, std::string_view zone = "UTC");

/// As it is written in a program: `cron("0 3 * * *", "Europe/Berlin")`.
std::string to_string(const schedule& s);

/// What is done when a time comes while the run before has no result yet.
enum class overlap : unsigned char {
  skip = 0,    ///< nothing is run for that time
  queue = 1,   ///< it waits for the result; what comes meanwhile is treated as times that were missed
  cancel = 2,  ///< the run before is cancelled. What is running of it and does not look goes on to its end
  allow = 3,   ///< both run
};

/// What is done about times at which nothing could be started, because no process was up or it waited for a run.
enum class catch_up : unsigned char {
  once = 0,  ///< of those that are over, the last one is made up for
  all = 1,   ///< each of the last 1000 is made up for, in order, and goes by `overlap`
};

/// How something recurs. All but `id` are optional; use designated initialisers.
struct every_options {
  detail::label id{};  ///< names the schedule: the same id is the same schedule
  banyan::overlap overlap = banyan::overlap::skip;
  banyan::catch_up catch_up = banyan::catch_up::once;
  /// Times that were missed are not made up for later than so long after them; nothing: without limit.
  std::optional<std::chrono::milliseconds> max_late{};
  std::optional<std::chrono::system_clock::time_point> start_at{};  ///< no time before; an interval begins with it
  std::optional<std::chrono::system_clock::time_point> until{};     ///< no time after
  std::optional<std::uint64_t> times{};                             ///< ends when it has started so many runs
  options run{};  ///< of each run; without `id`, `start_after` and `start_at`, and durable. Name: that of the schedule
};

/// How far a schedule has come, as it is published, and what it results in when it has ended.
struct recurrence {
  using time = std::chrono::system_clock::time_point;

  std::optional<time> next{};        ///< nothing: there is none
  std::optional<time> last{};        ///< for which the newest run was started
  std::optional<banyan::key> run{};  ///< the newest run
  std::uint64_t started = 0;         ///< runs
  std::uint64_t skipped = 0;         ///< times that came while a run was open
  std::uint64_t missed = 0;          ///< times that were not made up for

  void msgpack_pack(msgpack::packer<detail::bytes_sink>& p) const;
  void msgpack_unpack(const msgpack::object& o);
};

}  // namespace banyan
