#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "persistence/redis_hints.hpp"
#include "persistence/redis_lease.hpp"
#include "persistence/redis_membership.hpp"
#include "persistence/redis_notices.hpp"
#include "persistence/redis_reader.hpp"
#include "persistence/redis_writer.hpp"
#include "persistence/running_marks.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Keeps everything in a Redis, or a Redis Cluster: docs/internals/redis-layout.md. Any number of runtimes with
/// different names share one; each drives the roots that it spawned.
class redis_store final : public store {
 public:
  /// Throws `error`.
  redis_store(redis_settings s, open_mode mode, std::string_view holder, const session_options& session);
  ~redis_store() override;

  void commit(std::span<const write> writes, std::span<write_outcome> outcomes) override {
    commit_meanwhile(writes, outcomes, {});
  }
  void commit_meanwhile(std::span<const write> writes, std::span<write_outcome> outcomes,
                        const std::function<void()>& meanwhile) override;
  std::optional<record> load(const key& k) override { return reader_.load(k); }
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override {
    reader_.scan(family, visit);
  }
  bytes header(const family_id& family) override { return reader_.header(family); }
  std::vector<root_entry> roots(bool unsettled_only) override;
  std::optional<root_entry> root(const family_id& family) override { return reader_.root(family); }
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::chrono::milliseconds kept) override;
  std::vector<key> take_notices() override;
  void await_hint(std::chrono::milliseconds longest) override;
  void stop_hints() override;
  bool notice_pending(const key& k) override { return notices_.pending(k); }
  bool has_driver() override;
  std::optional<std::chrono::milliseconds> clock_base() const override;
  bool holds() const override { return !lease_ || lease_->holds(); }
  bool expires() const override { return true; }
  std::uint64_t setbacks() const override;
  bool shared() const override { return true; }
  /// Of all modes: who reads, or writes from outside, gets an error where it would have to be a node.
  membership* cluster() override { return &*membership_; }
  std::vector<std::string> homes(const family_id& family) override { return reader_.homes(family); }
  void on_fenced(std::function<void()> call) override;
  running_marks* marks() override { return marks_ ? &*marks_ : nullptr; }
  void close() override;
  bool immediate() const override { return false; }
  std::string describe() const override { return servers_.settings().describe(); }
  std::optional<store_remark> remark() const override { return remark_; }

 private:
  static redis_scripts load_scripts(redis_servers& servers);
  void check_servers();
  void check_layout();
  void open_marks();
  void open_session(std::string_view holder, const session_options& session);

  const open_mode mode_;
  redis_servers servers_;
  const redis_layout layout_;
  const redis_scripts scripts_;
  redis_caller caller_;
  redis_reader reader_;
  redis_notices notices_;
  std::atomic<std::uint64_t> setbacks_{0};
  std::mutex write_mutex_;  ///< held by who uses the writer
  std::optional<redis_writer> writer_;
  server_clock clock_;  ///< of who holds no lease
  std::optional<redis_lease> lease_;
  std::optional<redis_membership> membership_;
  std::optional<redis_hints> hints_;
  std::optional<running_marks> marks_;
  store_remark remark_;
};

}  // namespace banyan::detail
