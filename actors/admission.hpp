#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/run_queue.hpp"
#include "actors/ticket.hpp"

namespace banyan::detail {

/// Lets so many futures run at a time and keeps the others in a queue. A future holds room from its start until its
/// function suspends or ends. While there are suspects nothing else is started, for a while. Thread-safe.
class admission {
 public:
  enum class lane : std::uint8_t {
    normal,    ///< on the scheduler's threads
    blocking,  ///< on threads of their own
    suspect,   ///< its code ran when the process died: one at a time and alone, to tell the guilty from bystanders
  };
  static constexpr std::size_t lanes = 3;

  /// Room to run. Gives itself back, which starts the next one.
  class room {
   public:
    room() = default;
    room(admission& owner, lane l, std::uint32_t slot) : owner_(&owner), lane_(l), slot_(slot) {}
    room(room&& other) noexcept;
    room& operator=(room&& other) noexcept;
    ~room() { give_back(); }
    void give_back();
    /// Says who holds it, for the list of what is running.
    void occupy(const life_ptr& who);
    bool is_in(lane l) const { return lane_ == l; }
    /// Its number in its lane.
    std::uint32_t number() const { return slot_; }
    explicit operator bool() const { return owner_ != nullptr; }

   private:
    admission* owner_ = nullptr;
    lane lane_ = lane::normal;
    std::uint32_t slot_ = 0;
  };

  /// Starts a future that was admitted. Called on the thread that pushed it or that gave back room.
  using starter = std::function<void(ticket_ptr, room)>;

  admission(std::array<std::uint32_t, lanes> limits, starter start);

  void push(ticket_ptr t, lane l);
  /// To be called from time to time: suspects and those held back for them do not wait for ever.
  void tick();
  /// Starts nothing more; what is queued is dropped.
  void close();

  /// Takes up to `most` of those that wait, and for which `may_go` holds, out of the queues: for other nodes.
  std::vector<ticket_ptr> take_top(std::size_t most, const std::function<bool(const ticket&)>& may_go);

  struct load {
    std::size_t queued = 0;
    std::size_t running = 0;  ///< that hold room
    std::size_t free = 0;     ///< more that could run at once
  };
  load current_load() const;

  /// Those that hold room and for which `older` holds, by the time they started.
  std::vector<life_ptr> running_since(millis before) const;

 private:
  struct slot {
    std::mutex mutex;
    life_ptr who;
  };
  struct lane_state {
    run_queue<ticket_ptr> queue;
    std::vector<std::uint32_t> free_slots;
    std::unique_ptr<slot[]> slots;
    std::uint32_t size = 0;
  };

  struct admitted {
    ticket_ptr what;
    lane l;
    std::uint32_t slot;
  };
  using steady_time = std::chrono::steady_clock::time_point;

  static const void* tree_of(const ticket& t);
  lane_state& of(lane l) { return lanes_[static_cast<std::size_t>(l)]; }
  bool may_start(lane l) const;
  std::vector<admitted> take_startable();
  void give_back(lane l, std::uint32_t index);
  void reuse(lane l, std::uint32_t index);

  /// How long suspects wait for what runs already, and how long the others wait for the suspects.
  static constexpr std::chrono::seconds wait_for_quiet{1};
  static constexpr std::chrono::seconds wait_for_suspects{10};

  std::array<lane_state, lanes> lanes_;
  starter start_;
  mutable std::mutex mutex_;
  std::size_t suspects_ = 0;  ///< queued or running
  steady_time suspects_since_;
  bool closed_ = false;
};

}  // namespace banyan::detail
