#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <banyan/detail/outcome.hpp>

namespace banyan {
class future_handle;
}

namespace banyan::detail {

class activation;

/// Waits with a thread for the results of futures of one runtime. Goes on with the engine that takes the place of one
/// that was given up. Used by one thread at a time; may outlive the runtime.
class result_watch {
 public:
  explicit result_watch(std::string_view call);  ///< what it is for, as errors name it
  result_watch(result_watch&&) noexcept;
  result_watch& operator=(result_watch&&) noexcept;
  ~result_watch();

  void add(const future_handle& f);
  std::size_t size() const;

  /// Until so many have results, or one has that is no success and `or_failure`; false: `limit` is over. Throws as
  /// `future_handle::wait_for` does.
  bool wait(std::size_t count, bool or_failure, std::optional<std::chrono::milliseconds> limit);

  /// What there is of the one that was added as the `number`th, from 0; null: no result.
  outcome_ptr result(std::size_t number) const;
  /// Which one came as the `n`th, from 0. Precondition: `wait` has said that so many have.
  std::size_t arrival(std::size_t n) const;

 private:
  bool waits_for_children(const activation& parent) const;

  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace banyan::detail
