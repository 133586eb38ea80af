#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "persistence/boot_clock.hpp"

namespace banyan::detail {

/// Knows by our own clock how long we may count on a lease, whatever its server and the threads that renew it do: for
/// nine tenths of its length from the moment before it was last asked for. What is over stays over. Thread-safe.
class lease_watch {
 public:
  /// `asked`: the moment before the lease was asked for that we have.
  lease_watch(std::chrono::milliseconds length, boot_clock::time_point asked);
  ~lease_watch();
  lease_watch(const lease_watch&) = delete;
  lease_watch& operator=(const lease_watch&) = delete;

  /// The lease was renewed; nothing if it is over.
  void renewed(boot_clock::time_point asked);
  /// Somebody else has it, or nobody.
  void lost();
  bool over() const;

  /// Calls `call` once when it is over, on a thread of this object, which does nothing else; never after the end of
  /// this object.
  void on_over(std::function<void()> call);

 private:
  void watch();
  boot_clock::duration left() const;

  const boot_clock::duration length_;
  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  boot_clock::time_point end_;
  mutable bool over_ = false;
  bool stopped_ = false;
  std::function<void()> call_;
  std::thread thread_;
};

}  // namespace banyan::detail
