#include "examples/wordtree/activity.hpp"

#include <algorithm>
#include <utility>

#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {
constexpr std::ptrdiff_t levels_shown = 2;
}

activity& activity::here() {
  static activity one;
  return one;
}

void activity::watch(const std::string& path) {
  const std::lock_guard lock(mutex_);
  top_ = path;
}

bool activity::is_near(const std::string& path) const {
  if (path.size() <= top_.size() || path.compare(0, top_.size(), top_) != 0) return false;
  const std::string_view below = std::string_view(path).substr(top_ == "/" ? 0 : top_.size());
  return below.front() == '/' && std::count(below.begin(), below.end(), '/') <= levels_shown;
}

void activity::enter(const banyan::key& key, const std::string& path, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (path == top_) total_ = bytes;
  if (is_near(path)) open_[key] = {key, path, bytes};
}

std::optional<std::uint64_t> activity::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

void activity::leave(const banyan::key& key) {
  const std::lock_guard lock(mutex_);
  open_.erase(key);
}

std::vector<activity::open_subtree> activity::open_subtrees() const {
  const std::lock_guard lock(mutex_);
  std::vector<open_subtree> all;
  all.reserve(open_.size());
  for (const auto& [key, subtree] : open_) all.push_back(subtree);
  return all;
}

void activity::found(std::uint64_t files, std::uint64_t bytes) {
  found_files_.fetch_add(files, std::memory_order_relaxed);
  found_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

void activity::skipped(const std::string& path, const std::string& why) {
  note("skipped " + printable(path) + ": " + why);
}

void activity::note(std::string line) {
  const std::lock_guard lock(mutex_);
  reports_.push_back(std::move(line));
}

std::vector<std::string> activity::take_reports() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reports_, {});
}

}  // namespace wordtree
