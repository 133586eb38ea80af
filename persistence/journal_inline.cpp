#include <atomic>

#include <banyan/error.hpp>

#include "persistence/commit_loop.hpp"
#include "persistence/journal_worker.hpp"

namespace banyan::detail {
namespace {

class inline_worker final : public journal_worker {
 public:
  inline_worker(store& backend, journal::settings s) : store_(backend), loop_(backend, std::move(s.warn)) {}
  ~inline_worker() override { loop_.stop(std::chrono::milliseconds(0)); }

  void submit(write w, committed done) override {
    write_outcome outcome;
    if (!stopped() && loop_.run({&w, 1}, {&outcome, 1}) == commit_loop::ending::done && done) done(outcome);
  }

  void submit(std::vector<write> group, committed done) override {
    std::vector<write_outcome> outcomes(group.size());
    if (stopped() || loop_.run(group, outcomes) != commit_loop::ending::done || !done) return;
    done(outcomes.empty() ? write_outcome{} : outcomes.back());
  }

  bool offer(write w) override {
    submit(std::move(w), {});
    return true;
  }

  void flush() override {
    // Whoever returned from `submit` has been served; those in trouble are still inside.
    if (const auto trouble = loop_.lasting_trouble()) throw error(*trouble);
    if (stopped()) throw_stopped(store_);
  }

  write_outcome commit(std::vector<write> group, std::chrono::milliseconds deadline) override {
    if (stopped()) throw_stopped(store_);
    std::vector<write_outcome> outcomes(group.size());
    switch (loop_.run(group, outcomes, std::chrono::steady_clock::now() + deadline)) {
      case commit_loop::ending::done: return outcomes.empty() ? write_outcome{} : std::move(outcomes.back());
      case commit_loop::ending::stopped: throw_stopped(store_);
      case commit_loop::ending::gave_up: break;
    }
    if (const auto trouble = loop_.lasting_trouble()) throw error(*trouble);
    throw_too_late(deadline, store_);
  }

  void stop(std::chrono::milliseconds grace) override {
    // Relaxed: a submit that runs at the same time may go either way.
    stopped_.store(true, std::memory_order_relaxed);
    loop_.stop(grace);
  }

  void lose_patience(std::chrono::milliseconds patience) override { loop_.lose_patience(patience); }
  std::optional<error_info> lasting_trouble() const override { return loop_.lasting_trouble(); }
  bool immediate() const override { return true; }

 private:
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  store& store_;
  commit_loop loop_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::unique_ptr<journal_worker> make_inline_worker(store& backend, journal::settings s) {
  return std::make_unique<inline_worker>(backend, std::move(s));
}

}  // namespace banyan::detail
