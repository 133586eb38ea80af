#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "persistence/named_values.hpp"
#include "persistence/register_table.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Keeps everything in this process's memory, for tests and for work that need not outlive the process.
/// Families are spread over shards with a lock each, so that threads at work on different families rarely meet.
class memory_store : public store {
 public:
  memory_store();
  ~memory_store() override;

  void commit(std::span<const write> writes, std::span<write_outcome> outcomes) override;
  std::optional<record> load(const key& k) override;
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override;
  bytes header(const family_id& family) override;
  std::vector<root_entry> roots(bool unsettled_only) override;
  std::optional<root_entry> root(const family_id& family) override;
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::chrono::milliseconds kept) override {
    return values_.compare_and_set(name, expected, wanted, kept);
  }
  std::vector<key> take_notices() override;
  bool notice_pending(const key& k) override;
  bool has_driver() override { return false; }
  running_marks* marks() override { return nullptr; }
  void close() override {}
  bool immediate() const override { return true; }
  std::string describe() const override { return "memory:"; }

 private:
  struct family_rows {
    register_cell header;
    register_table rows;
  };
  using family_map = std::unordered_map<family_id, family_rows>;

  struct alignas(64) shard {
    std::mutex mutex;
    family_map families;
    std::unordered_map<family_id, root_entry> roots;
  };

  shard& shard_of(const family_id& family);
  /// Carries out a write under the lock of its shard. What a drop takes out goes to `dropped`.
  static write_outcome apply(shard& s, const write& w, std::vector<family_map::node_type>& dropped);
  static write_outcome apply_to_row(shard& s, const write& w);
  static void apply_to_roots(shard& s, const write& w);
  void leave_notice(const key& k);

  static constexpr std::size_t shard_count = 64;
  std::array<shard, shard_count> shards_;

  named_values values_;
  std::mutex notices_mutex_;
  std::set<key> notices_;
  std::atomic<bool> noticed_{false};
};

}  // namespace banyan::detail
