#include "persistence/running_marks.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <functional>
#include <limits>
#include <thread>
#include <utility>

#include "persistence/file_error.hpp"

namespace banyan::detail {
namespace {

constexpr std::uint64_t magic = 0x62616e79'616e0001;
constexpr std::size_t none = running_marks::capacity;

enum class state : std::uint16_t {
  idle = 0,
  claimed = 1,  ///< the key is being written
  running = 2,
};

/// What a slot says besides its key, changed as a whole: the process may die between any two instructions.
struct word {
  detail::state state = detail::state::idle;
  std::uint16_t deaths = 0;
  std::uint32_t session = 0;  ///< that found the last of them
};
static_assert(sizeof(word) == 8);

}  // namespace

struct alignas(64) running_marks::slot {
  std::atomic<std::uint64_t> about;
  key who;

  word read() const { return std::bit_cast<word>(about.load(std::memory_order_acquire)); }
  void write(word w) { about.store(std::bit_cast<std::uint64_t>(w), std::memory_order_release); }
  /// Threads may change different parts of it at the same time.
  void change(const auto& edit) {
    std::uint64_t before = about.load(std::memory_order_acquire);
    word w;
    do {
      w = std::bit_cast<word>(before);
      edit(w);
    } while (!about.compare_exchange_weak(before, std::bit_cast<std::uint64_t>(w), std::memory_order_acq_rel));
  }
  bool take() {
    auto expected = std::bit_cast<std::uint64_t>(word{});
    return about.compare_exchange_strong(expected, std::bit_cast<std::uint64_t>(word{.state = state::claimed}),
                                         std::memory_order_acquire);
  }
};

struct running_marks::mapping {
  alignas(64) std::uint64_t kind;
  std::uint32_t session;
  slot slots[capacity];
};

running_marks::running_marks(const std::string& file, const std::string& store_name) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd_ < 0) throw_file_error("open", file, store_name, errno);
  // All blocks are there before they are touched: a full disk is an error here and no signal later.
  const int failed = posix_fallocate(fd_, 0, sizeof(mapping));
  void* const mapped = failed ? MAP_FAILED : mmap(nullptr, sizeof(mapping), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (mapped == MAP_FAILED) {
    const int cause = failed ? failed : errno;
    ::close(fd_);
    throw_file_error("map", file, store_name, cause);
  }
  mapping_ = static_cast<mapping*>(mapped);
  take_up();
}

running_marks::~running_marks() {
  munmap(mapping_, sizeof(mapping));
  ::close(fd_);
}

/// May itself be cut short at any point, and be repeated.
void running_marks::take_up() {
  if (mapping_->kind != magic) {
    for (slot& s : mapping_->slots) s.write({});
    mapping_->session = 0;
    mapping_->kind = magic;
  }
  const std::uint32_t session = ++mapping_->session;
  for (std::size_t i = 0; i < capacity; ++i) {
    slot& s = mapping_->slots[i];
    word w = s.read();
    if (w.state == state::running) {
      w.deaths += w.deaths < std::numeric_limits<std::uint16_t>::max();
      w.session = session;
    }
    const bool forgotten = w.state == state::claimed || session - w.session >= memory;
    w.state = state::idle;
    s.write(forgotten ? word{} : w);
    if (!forgotten && w.deaths > 0) suspects_.emplace(s.who, i);
  }
  suspect_count_ = suspects_.size();
}

std::uint32_t running_marks::deaths(const key& who) const {
  if (suspect_count_.load(std::memory_order_relaxed) == 0) return 0;
  const std::lock_guard lock(mutex_);
  const auto it = suspects_.find(who);
  return it == suspects_.end() ? 0 : mapping_->slots[it->second].read().deaths;
}

void running_marks::absolve(const key& who) {
  if (suspect_count_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  const auto it = suspects_.find(who);
  if (it == suspects_.end()) return;
  mapping_->slots[it->second].change([](word& w) { w = {.state = w.state}; });
  suspects_.erase(it);
  suspect_count_ = suspects_.size();
}

std::size_t running_marks::claim(const key& who) {
  if (suspect_count_.load(std::memory_order_relaxed) != 0) {
    const std::lock_guard lock(mutex_);
    if (const auto it = suspects_.find(who); it != suspects_.end()) {
      mapping_->slots[it->second].change([](word& w) { w.state = state::running; });
      return it->second;
    }
  }
  // Each thread begins at another place, so that threads rarely meet.
  static thread_local const std::size_t begin = std::hash<std::thread::id>{}(std::this_thread::get_id());
  for (std::size_t n = 0; n < capacity; ++n) {
    const std::size_t i = (begin + n) % capacity;
    slot& s = mapping_->slots[i];
    if (!s.take()) continue;
    s.who = who;
    s.write({.state = state::running});
    return i;
  }
  return none;
}

void running_marks::mark::set(running_marks* where, const key& who) {
  clear();
  if (!where) return;
  slot_ = where->claim(who);
  if (slot_ != none) where_ = where;
}

running_marks::mark::mark(mark&& other) noexcept : where_(std::exchange(other.where_, nullptr)), slot_(other.slot_) {}

void running_marks::mark::clear() {
  if (!where_) return;
  std::exchange(where_, nullptr)->mapping_->slots[slot_].change([](word& w) { w.state = state::idle; });
}

}  // namespace banyan::detail
