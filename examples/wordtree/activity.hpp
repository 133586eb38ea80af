#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <banyan/key.hpp>

namespace wordtree {

/// What this process is at, for those who watch it: which subtrees are open, what was found so far, what was skipped.
/// Nothing of it is durable and no result depends on it. Any thread may call it.
class activity {
 public:
  struct open_subtree {
    banyan::key key;
    std::string path;
    std::uint64_t bytes = 0;
  };

  static activity& here();

  /// From now on subtrees up to two levels below `path` are shown.
  void watch(const std::string& path);

  /// The bytes below the watched path; nothing until they are being counted.
  std::optional<std::uint64_t> total() const;

  void enter(const banyan::key& key, const std::string& path, std::uint64_t bytes);
  void leave(const banyan::key& key);
  std::vector<open_subtree> open_subtrees() const;

  void found(std::uint64_t files, std::uint64_t bytes);
  std::uint64_t found_files() const { return found_files_.load(std::memory_order_relaxed); }
  std::uint64_t found_bytes() const { return found_bytes_.load(std::memory_order_relaxed); }

  void skipped(const std::string& path, const std::string& why);
  void note(std::string line);
  /// The lines of `skipped` and `note` since the last call.
  std::vector<std::string> take_reports();

 private:
  bool is_near(const std::string& path) const;

  mutable std::mutex mutex_;
  std::string top_;
  std::optional<std::uint64_t> total_;
  std::unordered_map<banyan::key, open_subtree> open_;
  std::vector<std::string> reports_;
  // Relaxed: two numbers to look at, which nothing else depends on.
  std::atomic<std::uint64_t> found_files_{0};
  std::atomic<std::uint64_t> found_bytes_{0};
};

/// Shows a subtree as open for as long as it lives.
class subtree_visit {
 public:
  subtree_visit(const banyan::key& key, const std::string& path, std::uint64_t bytes) : key_(key) {
    activity::here().enter(key, path, bytes);
  }
  ~subtree_visit() { activity::here().leave(key_); }
  subtree_visit(const subtree_visit&) = delete;
  subtree_visit& operator=(const subtree_visit&) = delete;

 private:
  banyan::key key_;
};

}  // namespace wordtree
