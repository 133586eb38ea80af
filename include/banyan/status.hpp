#pragma once

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <string_view>

namespace banyan {

/// Where a future is in its life. The numbers are stored: they never change meaning.
enum class status : std::uint8_t {
  pending = 0,  ///< recorded, not started (also: waiting for its start time)
  running = 1,
  waiting = 2,  ///< suspended, blocked, parked, between attempts, or returned without a value
  success = 3,
  failure = 4,
  cancelled = 5,
};

std::string_view to_string(status s);
std::ostream& operator<<(std::ostream& out, status s);

/// True for success, failure and cancelled.
constexpr bool is_final(status s) { return s >= status::success; }

/// A weight that nobody knows yet. A future is of unknown weight as long as one of its children is, unless it was given
/// a weight of its own.
inline constexpr double unknown_weight = std::numeric_limits<double>::infinity();

/// A gauge, in units of the user's: it may lag behind the work by some tenths of a second, and a late report never sets
/// it back.
struct progress {
  double local = 0;       ///< what the future itself has done, as it said last
  double calculated = 0;  ///< local + the sum of the children's calculated
  double weight = 1;      ///< set or given, or the sum of the children's weights, or 1 without children
  bool done = false;      ///< it succeeded: there is nothing left of its weight

  bool known() const { return weight < unknown_weight; }

  /// calculated / weight, from 0 to 1; 1 of a success, else 0 where the weight is 0 or not known.
  double fraction() const {
    if (done) return 1;
    if (!(weight > 0)) return 0;
    const double f = calculated / weight;
    return f < 0 ? 0 : (f > 1 ? 1 : f);
  }

  bool operator==(const progress&) const = default;
};

}  // namespace banyan
