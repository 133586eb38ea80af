#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "persistence/url.hpp"

namespace banyan::detail {

/// What goes wrong in a `fault_store`, and when. Commits are counted from 1; 0 is never.
struct fault_plan {
  std::uint64_t crash_before = 0;      ///< SIGKILL to this process before commit N
  std::uint64_t crash_during = 0;      ///< after the first half of the writes of commit N
  std::uint64_t crash_after = 0;       ///< after commit N, before anybody hears of it
  std::uint64_t fail = 0;              ///< commit N is not done and says `store_unavailable`
  std::uint64_t fail_from = 0;         ///< commit N and all later ones fail so, as when a disk stays full
  std::uint64_t lie = 0;               ///< commit N is done and says `store_unavailable`, as when a reply is lost
  double fail_rate = 0;                ///< the share of commits that fail
  double lie_rate = 0;                 ///< the share of commits that lie
  std::uint64_t seed = 1;              ///< of the choices that the rates make
  std::chrono::milliseconds delay{0};  ///< before each commit

  /// Takes `crash_before`, `crash_during`, `crash_after`, `fail`, `fail_from`, `lie`, `fail_rate`, `lie_rate`,
  /// `seed` and `delay_ms` out of a URL and leaves its other options to the store behind.
  static fault_plan take(store_url& url);
};

inline constexpr std::string_view fault_prefix = "fault+";

}  // namespace banyan::detail
