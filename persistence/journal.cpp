#include "persistence/journal.hpp"

#include <banyan/error.hpp>

#include "persistence/journal_worker.hpp"

namespace banyan::detail {

void throw_stopped(const store& backend) {
  if (!backend.holds()) throw error(errc::store_fenced, "this node lost its lease before the write was durable");
  throw error(errc::stopped, "the journal was stopped before the write was durable");
}

void throw_too_late(std::chrono::milliseconds deadline, const store& backend) {
  throw error(errc::store_unavailable, backend.describe() + ": the write was not durable within " +
                                           std::to_string(deadline.count()) + " ms; it may still be done later");
}

journal::journal(store& backend, settings s)
    : worker_(backend.immediate() ? make_inline_worker(backend, std::move(s))
                                  : make_thread_worker(backend, std::move(s))) {}

journal::~journal() = default;

void journal::submit(write w, committed done) {
  check_write(w);
  worker_->submit(std::move(w), std::move(done));
}

void journal::submit(std::vector<write> group, committed done) {
  for (const write& w : group) check_write(w);
  worker_->submit(std::move(group), std::move(done));
}

void journal::flush() { worker_->flush(); }

write_outcome journal::commit(std::vector<write> group, std::chrono::milliseconds deadline) {
  for (const write& w : group) check_write(w);
  return worker_->commit(std::move(group), deadline);
}

void journal::stop(std::chrono::milliseconds grace) { worker_->stop(grace); }

void journal::lose_patience(std::chrono::milliseconds patience) { worker_->lose_patience(patience); }

bool journal::offer(write w) {
  check_write(w);
  return worker_->offer(std::move(w));
}

std::optional<error_info> journal::lasting_trouble() const { return worker_->lasting_trouble(); }

bool journal::immediate() const { return worker_->immediate(); }

}  // namespace banyan::detail
