#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <caf/fwd.hpp>

namespace banyan::detail {

/// The connections of a CAF system to others. CAF 0.17.6 ends one by writing what is left, saying that this was all,
/// and waiting for the other side to do the same. A peer that is stopped or cut off never does: no system would end
/// before it, and what was written to it would be kept for ever.
class connections {
 public:
  /// `silence`: after so long without a sign of life from a peer that something was sent to, the kernel gives it up.
  explicit connections(std::chrono::milliseconds silence);
  ~connections();
  connections(const connections&) = delete;
  connections& operator=(const connections&) = delete;

  /// Remembers those that the system has now. To be called after each that was made, and before the system ends. Any
  /// thread.
  void note(::caf::actor_system& system) const;
  /// Once `grace` is over, and until this goes, ends all that are remembered and are open still. Once.
  void end_after(std::chrono::milliseconds grace);

 private:
  struct remembered;

  void cut() const;

  const std::chrono::milliseconds silence_;
  const std::shared_ptr<remembered> known_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace banyan::detail
