#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include <banyan/error.hpp>

#include "persistence/store.hpp"

namespace banyan::detail {

using steady_time = std::chrono::steady_clock::time_point;

/// Commits a batch, again and again where the store is in trouble. Thread-safe; takes no lock while all goes well.
class commit_loop {
 public:
  using warning = std::function<void(const std::string&)>;
  enum class ending : std::uint8_t { done, stopped, gave_up };

  commit_loop(store& backend, warning warn) : store_(backend), warn_(std::move(warn)) {}

  /// Commits, with pauses between the tries, and fills in one outcome for each write. With a deadline it gives up when
  /// that has passed or the trouble is a lasting one. It may have been done all the same unless the ending is `done`.
  ///
  /// A try that seemed to fail may have been done: a write-once write that then meets its own bytes has won.
  ending run(std::span<const write> writes, std::span<write_outcome> outcomes,
             std::optional<steady_time> deadline = {}) {
    return run(writes, outcomes, deadline, {});
  }

  /// As above, and calls `meanwhile` before it waits for the store, pauses or returns; perhaps more than once.
  ending run_meanwhile(std::span<const write> writes, std::span<write_outcome> outcomes,
                       const std::function<void()>& meanwhile) {
    return run(writes, outcomes, {}, meanwhile);
  }

  /// Waits up to `grace` until no batch is in trouble; then ends all pauses and lets no other begin.
  void stop(std::chrono::milliseconds grace);

  /// As `stop`, once a batch has been in trouble for `patience`, counted from here on.
  void lose_patience(std::chrono::milliseconds patience);

  /// The error that the store is in, when it is one that will not pass by itself.
  std::optional<error_info> lasting_trouble() const;
  /// `wake` is called, on the thread that commits, when the store gets into lasting trouble. Set it before the first
  /// run.
  void on_lasting_trouble(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  ending run(std::span<const write> writes, std::span<write_outcome> outcomes, std::optional<steady_time> deadline,
             const std::function<void()>& meanwhile);
  std::optional<error_info> try_once(std::span<const write> writes, std::span<write_outcome> outcomes,
                                     const std::function<void()>& meanwhile);
  ending retry(error_info trouble, std::span<const write> writes, std::span<write_outcome> outcomes,
               std::optional<steady_time> deadline);
  void note(const error_info& trouble, bool lasting, std::size_t writes);
  /// False when it was stopped, or stops because the trouble that began at `since` has lasted too long.
  bool pause_until(steady_time end, steady_time since);
  void leave_trouble(bool over);

  store& store_;
  warning warn_;
  std::function<void()> wake_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopped_{false};  ///< set under the lock
  struct bound {
    steady_time from;
    std::chrono::milliseconds patience;
  };
  std::optional<bound> bound_;  ///< of what a batch in trouble waits
  std::size_t in_trouble_ = 0;  ///< batches
  std::optional<error_info> lasting_;
  std::map<errc, steady_time> warned_;
};

}  // namespace banyan::detail
