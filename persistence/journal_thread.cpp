#include <condition_variable>
#include <mutex>
#include <thread>

#include <banyan/error.hpp>

#include "persistence/commit_loop.hpp"
#include "persistence/journal_worker.hpp"

namespace banyan::detail {
namespace {

/// What a write takes in memory besides its value, and what the completion of a group holds on to (a future that waits
/// for its result to be durable stays until then), roughly.
constexpr std::size_t write_cost = 160;
constexpr std::size_t completion_cost = 640;

struct group {
  std::size_t writes = 0;
  std::size_t bytes = 0;
  committed done;
};

/// Groups and their writes, one after the other.
struct queue {
  std::vector<write> writes;
  std::vector<group> groups;

  void clear(std::size_t keep) {
    writes.clear();
    groups.clear();
    if (writes.capacity() > keep) writes = {};
    if (groups.capacity() > keep) groups = {};
  }
};

/// What is durable, but was not said to be yet: it has time until the next batch is on its way.
struct durable_batch {
  std::span<write> writes;
  std::span<group> groups;
  std::vector<write_outcome> outcomes;
};

class thread_worker final : public journal_worker {
 public:
  thread_worker(store& backend, journal::settings s);
  ~thread_worker() override { stop(std::chrono::milliseconds(0)); }

  void submit(write w, committed done) override;
  void submit(std::vector<write> writes, committed done) override;
  bool offer(write w) override;
  void flush() override;
  write_outcome commit(std::vector<write> writes, std::chrono::milliseconds deadline) override;
  void stop(std::chrono::milliseconds grace) override;
  void lose_patience(std::chrono::milliseconds patience) override { loop_.lose_patience(patience); }
  std::optional<error_info> lasting_trouble() const override { return loop_.lasting_trouble(); }
  bool immediate() const override { return false; }

 private:
  enum class state : std::uint8_t { running, draining, stopped };
  enum class entry : std::uint8_t { taken, refused, too_late };

  entry enqueue(std::span<write> writes, committed done, std::optional<steady_time> deadline);
  void refuse_own_thread() const;
  void run();
  bool take(queue& q);
  bool work_off(queue& q);
  bool work_off(std::span<write> writes, std::span<group> groups);
  void complete();
  void give_up();
  /// Whether a waiter for group number `target` can go on.
  bool settled(std::uint64_t target) const;
  void throw_unless_finished(std::uint64_t target) const;

  store& store_;
  const std::size_t max_in_flight_;
  const std::size_t max_batch_;
  commit_loop loop_;

  mutable std::mutex mutex_;
  std::condition_variable work_;     ///< for the worker: there is some, or it is over
  std::condition_variable room_;     ///< for submitters
  std::condition_variable settled_;  ///< for those who wait until something is durable
  state state_ = state::running;
  queue queue_;
  std::size_t in_flight_ = 0;    ///< bytes, queued and being committed
  std::uint64_t submitted_ = 0;  ///< groups
  std::uint64_t finished_ = 0;   ///< groups
  bool idle_ = false;            ///< the worker waits for work
  durable_batch durable_;        ///< of the worker's thread
  std::vector<write_outcome> outcomes_;

  std::mutex join_mutex_;
  std::thread thread_;
};

/// The worker on whose thread we are.
thread_local const thread_worker* own = nullptr;

thread_worker::thread_worker(store& backend, journal::settings s)
    : store_(backend), max_in_flight_(s.max_in_flight), max_batch_(s.max_batch), loop_(backend, std::move(s.warn)) {
  loop_.on_lasting_trouble([this] {
    const std::lock_guard lock(mutex_);
    room_.notify_all();
    settled_.notify_all();
  });
  thread_ = std::thread([this] { run(); });
}

void thread_worker::submit(write w, committed done) { enqueue({&w, 1}, std::move(done), {}); }

void thread_worker::submit(std::vector<write> writes, committed done) { enqueue(writes, std::move(done), {}); }

bool thread_worker::offer(write w) { return enqueue({&w, 1}, {}, steady_time()) == entry::taken; }

thread_worker::entry thread_worker::enqueue(std::span<write> writes, committed done,
                                            std::optional<steady_time> deadline) {
  std::size_t bytes = done ? completion_cost : 0;
  for (const write& w : writes) bytes += w.value.size() + write_cost;
  bool wake = false;
  {
    std::unique_lock lock(mutex_);
    const auto may_go_on = [&] { return state_ != state::running || in_flight_ < max_in_flight_ || own == this; };
    if (!deadline) {
      room_.wait(lock, may_go_on);
    } else {
      // Who has a deadline is to hear of trouble that does not pass.
      room_.wait_until(lock, *deadline, [&] { return may_go_on() || loop_.lasting_trouble(); });
      if (!may_go_on()) return entry::too_late;
    }
    if (state_ != state::running) return entry::refused;
    queue_.writes.insert(queue_.writes.end(), std::move_iterator(writes.begin()), std::move_iterator(writes.end()));
    queue_.groups.push_back({writes.size(), bytes, std::move(done)});
    in_flight_ += bytes;
    ++submitted_;
    wake = std::exchange(idle_, false);
  }
  if (wake) work_.notify_one();
  return entry::taken;
}

void thread_worker::refuse_own_thread() const {
  if (own == this) throw error(errc::would_block, "a completion cannot wait for the journal that called it");
}

bool thread_worker::settled(std::uint64_t target) const {
  return finished_ >= target || state_ == state::stopped || loop_.lasting_trouble();
}

void thread_worker::throw_unless_finished(std::uint64_t target) const {
  if (finished_ >= target) return;
  if (const auto trouble = loop_.lasting_trouble()) throw error(*trouble);
  if (state_ == state::stopped) throw_stopped(store_);
}

void thread_worker::flush() {
  refuse_own_thread();
  std::unique_lock lock(mutex_);
  const std::uint64_t target = submitted_;
  settled_.wait(lock, [&] { return settled(target); });
  throw_unless_finished(target);
}

write_outcome thread_worker::commit(std::vector<write> writes, std::chrono::milliseconds deadline) {
  refuse_own_thread();
  const steady_time end = std::chrono::steady_clock::now() + deadline;
  // Shared: the completion may come after we gave up.
  const auto answer = std::make_shared<std::optional<write_outcome>>();
  const auto done = [this, answer](const write_outcome& outcome) {
    const std::lock_guard lock(mutex_);
    *answer = outcome;
  };
  switch (enqueue(writes, done, end)) {
    case entry::taken: break;
    case entry::refused: throw_stopped(store_);
    case entry::too_late:
      if (const auto trouble = loop_.lasting_trouble()) throw error(*trouble);
      throw_too_late(deadline, store_);
  }
  std::unique_lock lock(mutex_);
  settled_.wait_until(lock, end, [&] { return answer->has_value() || settled(~std::uint64_t{0}); });
  if (answer->has_value()) return std::move(**answer);
  throw_unless_finished(~std::uint64_t{0});
  throw_too_late(deadline, store_);
}

void thread_worker::stop(std::chrono::milliseconds grace) {
  refuse_own_thread();
  {
    std::unique_lock lock(mutex_);
    if (state_ == state::running) state_ = state::draining;
    work_.notify_all();
    room_.notify_all();
    settled_.wait_for(lock, grace, [&] { return finished_ == submitted_ || state_ == state::stopped; });
    state_ = state::stopped;
    work_.notify_all();
    settled_.notify_all();
  }
  loop_.stop(std::chrono::milliseconds(0));
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void thread_worker::run() {
  own = this;
  // The one holds what `durable_` speaks of, while the other is worked off.
  queue before;
  queue mine;
  while (take(mine) && work_off(mine)) {
    std::swap(before, mine);
    mine.clear(16 * max_batch_);
  }
  complete();
}

bool thread_worker::take(queue& q) {
  std::unique_lock lock(mutex_);
  if (queue_.groups.empty()) {
    lock.unlock();
    complete();
    lock.lock();
  }
  while (queue_.groups.empty() && state_ == state::running) {
    idle_ = true;
    work_.wait(lock);
  }
  idle_ = false;
  if (queue_.groups.empty() || state_ == state::stopped) return false;
  std::swap(q, queue_);
  return true;
}

/// False when it is over.
bool thread_worker::work_off(queue& q) {
  const std::span<write> writes = q.writes;
  const std::span<group> groups = q.groups;
  std::size_t write_at = 0;
  for (std::size_t at = 0; at < groups.size();) {
    std::size_t end = at + 1;
    std::size_t size = groups[at].writes;
    while (end < groups.size() && size + groups[end].writes <= max_batch_) size += groups[end++].writes;
    if (!work_off(writes.subspan(write_at, size), groups.subspan(at, end - at))) return false;
    write_at += size;
    at = end;
  }
  return true;
}

/// The loop was stopped, by `stop` or because its patience was at an end.
void thread_worker::give_up() {
  const std::lock_guard lock(mutex_);
  state_ = state::stopped;
  room_.notify_all();
  settled_.notify_all();
}

bool thread_worker::work_off(std::span<write> writes, std::span<group> groups) {
  outcomes_.assign(writes.size(), {});
  if (loop_.run_meanwhile(writes, outcomes_, [this] { complete(); }) != commit_loop::ending::done) {
    give_up();
    return false;
  }
  durable_.writes = writes;
  durable_.groups = groups;
  std::swap(durable_.outcomes, outcomes_);
  const std::lock_guard lock(mutex_);
  return state_ != state::stopped;
}

/// Tells those who submitted the batch that is durable.
void thread_worker::complete() {
  if (durable_.groups.empty()) return;
  std::size_t end = 0;
  std::size_t bytes = 0;
  for (group& g : durable_.groups) {
    end += g.writes;
    bytes += g.bytes;
    if (g.done) g.done(g.writes == 0 ? write_outcome{} : durable_.outcomes[end - 1]);
    g.done = {};
  }
  // The room that is given back below is to be there.
  for (write& w : durable_.writes) w.value = {};
  const std::lock_guard lock(mutex_);
  in_flight_ -= bytes;
  finished_ += durable_.groups.size();
  durable_.groups = {};
  room_.notify_all();
  settled_.notify_all();
}

}  // namespace

std::unique_ptr<journal_worker> make_thread_worker(store& backend, journal::settings s) {
  return std::make_unique<thread_worker>(backend, std::move(s));
}

}  // namespace banyan::detail
