#pragma once

#include <string>
#include <string_view>

namespace banyan::detail {

/// The right to drive a store that is a file: an exclusive lock on a file beside it, which says who holds it.
/// The kernel lets it go when the holder ends, however it ends. Two holders in one process conflict as well.
/// The file itself stays: to remove it would let two drivers hold locks on two files of one name.
class driver_lock {
 public:
  /// Takes the lock. Throws `error`: `store_busy` that names the holder, or `store_read_only` or `store_unavailable`
  /// when the file cannot be made or locked. `store_name` is for messages; `holder` is told to others.
  driver_lock(std::string file, const std::string& store_name, std::string_view holder);
  ~driver_lock();
  driver_lock(const driver_lock&) = delete;
  driver_lock& operator=(const driver_lock&) = delete;

  /// True when somebody holds the lock. Takes nothing, not even for a moment.
  static bool held(const std::string& file);

 private:
  void take(const std::string& store_name);
  void say_who(std::string_view holder);

  std::string file_;
  int fd_ = -1;
};

}  // namespace banyan::detail
