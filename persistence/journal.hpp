#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/store.hpp"

namespace banyan::detail {

/// Called once a batch is durable, with the outcome of its last write, on the journal's thread (on the submitter's
/// where the store is immediate). It must not block and must not throw.
using committed = std::function<void(const write_outcome&)>;

class journal_worker;

/// Group commit: while one batch of writes is in flight the next one gathers.
///
/// Writes are committed in the order in which they were submitted: what is durable is always a prefix of what was
/// submitted, but for the last batch in a store without transactions (see `store::commit`). A commit that fails for a
/// reason that may pass is repeated with back-off until it succeeds or the journal is stopped; the submitters just wait
/// longer. Thread-safe.
///
/// A group that a store would refuse (`check_write`) is refused here: the call throws. Completions may be empty, and
/// may submit: on the journal's own thread `submit` never blocks, and what blocks by nature throws `would_block`.
class journal {
 public:
  struct settings {
    std::size_t max_in_flight = 16u << 20;  ///< bytes; `submit` blocks while more is waiting
    std::size_t max_batch = 4096;           ///< writes a commit
    /// Told of store errors, at most one every few seconds of the same kind.
    std::function<void(const std::string&)> warn;
  };

  /// `backend` outlives the journal.
  journal(store& backend, settings s);
  ~journal();  ///< stops without waiting for what is queued

  /// After `stop` it drops what it is given.
  void submit(write w, committed done);
  /// The writes are committed together and in order, in one batch.
  void submit(std::vector<write> group, committed done);

  /// Blocks until all that was submitted before is durable and its completions were called. Throws `error` (`stopped`,
  /// or the store's error where that will not pass).
  void flush();

  /// As `submit`, but blocks until it is durable; `deadline` bounds the wait. Throws `error` (`store_unavailable` when
  /// the deadline passed, or the store's error where that will not pass: the write may still be done later; `stopped`).
  write_outcome commit(std::vector<write> group, std::chrono::milliseconds deadline);

  /// Tries for up to `grace` to commit what is queued, then drops the rest (their callbacks are not called). An
  /// immediate store may still be in use after it by threads that are inside `submit`.
  void stop(std::chrono::milliseconds grace);

  /// From here on it stops by itself, as `stop` does, once its store has been in trouble for `patience`: nobody waits
  /// in it for longer.
  void lose_patience(std::chrono::milliseconds patience);

  /// As `submit`, but drops the write and returns false where that would block.
  bool offer(write w);

  /// The store's error that keeps commits from being done and will not pass by itself; nothing if there is none.
  std::optional<error_info> lasting_trouble() const;

  /// True when commits happen inside `submit`.
  bool immediate() const;

 private:
  std::unique_ptr<journal_worker> worker_;
};

}  // namespace banyan::detail
