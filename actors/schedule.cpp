#include <banyan/schedule.hpp>

#include "actors/cron.hpp"
#include "actors/time_table.hpp"
#include "messages/clock.hpp"

namespace banyan {
namespace {

/// As it travels: what it holds as numbers and texts.
struct packed_recurrence {
  std::optional<detail::millis> next;
  std::optional<detail::millis> last;
  std::optional<key> run;
  std::uint64_t started = 0;
  std::uint64_t skipped = 0;
  std::uint64_t missed = 0;

  MSGPACK_DEFINE_MAP(next, last, run, started, skipped, missed)
};

std::optional<detail::millis> packed(const std::optional<recurrence::time>& t) {
  if (!t) return std::nullopt;
  return detail::to_millis(*t);
}

std::optional<recurrence::time> unpacked(const std::optional<detail::millis>& t) {
  if (!t) return std::nullopt;
  return detail::from_millis(*t);
}

}  // namespace

schedule interval(std::chrono::milliseconds length) {
  constexpr std::chrono::years longest{100};
  if (length.count() < 1 || length > longest) {
    throw error(errc::invalid_argument, "interval: it takes a millisecond to a hundred years");
  }
  return {.length = length};
}

schedule cron(std::string_view expression, std::string_view zone) {
  static_cast<void>(detail::cron_expression(expression));
  schedule s{.expression = std::string(expression), .zone = std::string(zone)};
  if (!detail::time_table::of(s, 0)) {
    throw error(errc::invalid_argument, to_string(s) +
                                            ": this machine knows no such time zone; they are called as in "
                                            "Europe/Berlin, and come with the package tzdata");
  }
  return s;
}

std::string to_string(const schedule& s) {
  if (s.length.count() > 0) return "interval(" + std::to_string(s.length.count()) + " ms)";
  return "cron(\"" + s.expression + "\", \"" + s.zone + "\")";
}

void recurrence::msgpack_pack(msgpack::packer<detail::bytes_sink>& p) const {
  p.pack(packed_recurrence{packed(next), packed(last), run, started, skipped, missed});
}

void recurrence::msgpack_unpack(const msgpack::object& o) {
  const auto r = o.as<packed_recurrence>();
  *this = {unpacked(r.next), unpacked(r.last), r.run, r.started, r.skipped, r.missed};
}

}  // namespace banyan
