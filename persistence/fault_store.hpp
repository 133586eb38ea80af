#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>

#include "persistence/fault_plan.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Stands before another store and goes wrong where a plan, or a test, says so. For tests: it is reached by
/// `fault+` before a store's URL, as in `fault+sqlite:jobs.db?crash_after=7`.
/// It is immediate if the store behind is and commits are not delayed. It counts commits over all threads.
class fault_store final : public store {
 public:
  enum class moment : std::uint8_t { before, after };

  /// Called before and after the commit that is the `number`-th; what it throws, the commit throws. On the thread
  /// that commits.
  using watcher = std::function<void(moment, std::uint64_t number, std::span<const write>)>;

  fault_store(std::unique_ptr<store> behind, fault_plan plan, watcher watch = {});

  void commit(std::span<const write> writes, std::span<write_outcome> outcomes) override;
  std::optional<record> load(const key& k) override { return behind_->load(k); }
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override {
    behind_->scan(family, visit);
  }
  bytes header(const family_id& family) override { return behind_->header(family); }
  std::vector<root_entry> roots(bool unsettled_only) override { return behind_->roots(unsettled_only); }
  std::optional<root_entry> root(const family_id& family) override { return behind_->root(family); }
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::chrono::milliseconds kept) override {
    return behind_->compare_and_set(name, expected, wanted, kept);
  }
  std::vector<key> take_notices() override { return behind_->take_notices(); }
  bool notice_pending(const key& k) override { return behind_->notice_pending(k); }
  bool has_driver() override { return behind_->has_driver(); }
  std::optional<store_remark> remark() const override { return behind_->remark(); }
  bool shared() const override { return behind_->shared(); }
  void await_hint(std::chrono::milliseconds longest) override { behind_->await_hint(longest); }
  void stop_hints() override { behind_->stop_hints(); }
  std::optional<std::chrono::milliseconds> clock_base() const override { return behind_->clock_base(); }
  bool expires() const override { return behind_->expires(); }
  std::uint64_t setbacks() const override { return behind_->setbacks(); }
  membership* cluster() override { return behind_->cluster(); }
  std::vector<std::string> homes(const family_id& family) override { return behind_->homes(family); }
  void on_fenced(std::function<void()> call) override { behind_->on_fenced(std::move(call)); }
  bool holds() const override { return behind_->holds(); }
  running_marks* marks() override { return behind_->marks(); }
  void close() override { behind_->close(); }
  bool immediate() const override { return behind_->immediate() && plan_.delay.count() == 0; }
  std::string describe() const override;

 private:
  /// What is to happen to one commit.
  struct fate {
    std::uint64_t number = 0;
    bool fails = false;
    bool lies = false;
  };
  fate next_fate();

  std::unique_ptr<store> behind_;
  fault_plan plan_;
  watcher watch_;
  std::mutex mutex_;
  std::uint64_t commits_ = 0;
  std::mt19937_64 random_;
};

}  // namespace banyan::detail
