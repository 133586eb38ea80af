#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include <banyan/key.hpp>

namespace banyan::detail {

/// Says whose code runs at this moment, in memory that is shared with a file: what is said there outlives the process,
/// however it ends, though not the machine. So the next process knows what was running when the last one died, and at
/// how many deaths in a row. To say it costs no system call. Thread-safe.
class running_marks {
 public:
  /// Takes up what the last process left in `file`, or makes it. One process at a time may use it.
  /// Throws `error`: `store_full`, `store_read_only`, `store_unavailable`. `store_name` is for messages.
  running_marks(const std::string& file, const std::string& store_name);
  ~running_marks();
  running_marks(const running_marks&) = delete;
  running_marks& operator=(const running_marks&) = delete;

  /// Says that code of one future runs, until it is cleared or ends.
  class mark {
   public:
    mark() = default;
    mark(running_marks* where, const key& who) { set(where, who); }
    mark(mark&& other) noexcept;
    ~mark() { clear(); }
    /// Without marks, or when as much runs as there is room for, it says nothing.
    void set(running_marks* where, const key& who);
    void clear();

   private:
    running_marks* where_ = nullptr;
    std::size_t slot_ = 0;
  };

  /// At how many deaths of the process in a row its code was running.
  std::uint32_t deaths(const key& who) const;
  /// It is past the point at which it was then: the next death is the first.
  void absolve(const key& who);

  /// How many futures can be marked at a time.
  static constexpr std::size_t capacity = 1023;
  /// Who was not running at the end of any of so many processes is forgotten.
  static constexpr std::uint32_t memory = 16;

 private:
  struct slot;
  struct mapping;

  void take_up();
  std::size_t claim(const key& who);

  mapping* mapping_ = nullptr;
  int fd_ = -1;
  mutable std::mutex mutex_;
  std::unordered_map<key, std::size_t> suspects_;  ///< those with deaths, and their slots
  std::atomic<std::size_t> suspect_count_{0};
};

}  // namespace banyan::detail
