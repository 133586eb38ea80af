#pragma once

#include <memory>

#include "persistence/journal.hpp"

namespace banyan::detail {

/// What a journal does, in one of two ways. The groups that it is given are checked.
class journal_worker {
 public:
  virtual ~journal_worker() = default;
  virtual void submit(write w, committed done) = 0;
  virtual void submit(std::vector<write> group, committed done) = 0;
  virtual bool offer(write w) = 0;
  virtual void flush() = 0;
  virtual write_outcome commit(std::vector<write> group, std::chrono::milliseconds deadline) = 0;
  virtual void stop(std::chrono::milliseconds grace) = 0;
  virtual void lose_patience(std::chrono::milliseconds patience) = 0;
  virtual std::optional<error_info> lasting_trouble() const = 0;
  virtual bool immediate() const = 0;
};

/// Commits at once, on the thread that submits.
std::unique_ptr<journal_worker> make_inline_worker(store& backend, journal::settings s);

/// Gathers, and commits on a thread of its own.
std::unique_ptr<journal_worker> make_thread_worker(store& backend, journal::settings s);

/// The errors that both give.
[[noreturn]] void throw_stopped(const store& backend);
[[noreturn]] void throw_too_late(std::chrono::milliseconds deadline, const store& backend);

}  // namespace banyan::detail
