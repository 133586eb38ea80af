#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <banyan/queue.hpp>

#include "actors/place_wish.hpp"
#include "actors/queue_place.hpp"
#include "actors/queue_rules.hpp"
#include "actors/ticket.hpp"
#include "actors/timers.hpp"
#include "actors/waiting_line.hpp"

namespace banyan::detail {

class engine;

/// Calls a function in a critical section; alone may do so. Followed by "/" and a number.
inline constexpr std::string_view section_function = "banyan.critical_section";

/// The name of the queue in which a critical section's calls wait. No other has such a name.
std::string section_queue(std::string_view section);
bool is_section(std::string_view queue);

/// The queues of a runtime: what waits in them for a place, and what has one. A thread of its own asks for places,
/// for all that wait at a time; where the store is shared they are agreed on by `store::compare_and_set`, which also
/// keeps the rate of a queue where the store outlives the process. Thread-safe.
class waiting_places {
 public:
  waiting_places(engine& owner, queues configured);
  ~waiting_places();

  /// Those that were configured.
  std::vector<std::string> names() const;
  /// True if a call of `caller` may name this queue; empty: no future calls.
  bool may_name(std::string_view queue, std::string_view caller) const;
  /// False: it is to wait in a queue that this runtime does not have. Roots are in no critical section.
  bool fits(const options& opts, bool root) const;
  /// It has to wait before it may run.
  bool needs_place(const ticket& t) const;

  /// A future that is to start as soon as it has a place. If it cannot have one, since one above it on this node is in
  /// the same critical section, it fails; where that is on another node, as soon as that has said so.
  void enter(ticket_ptr t);
  /// One that runs already, and is told `placed`. `starts`: it counts for the rate.
  void enter_again(const life_ptr& l, const options& opts, bool starts);
  /// The same for one whose thread waits meanwhile. Null: there are no more places.
  place_ptr wait_for_place(const life_ptr& l, const options& opts);
  /// Takes one out that is to start whatever the queue says. Null: it does not wait.
  ticket_ptr withdraw(const key& k);
  /// The same with all that have not started and for which `wanted` holds.
  std::vector<ticket_ptr> withdraw_if(const std::function<bool(const ticket&)>& wanted);
  std::size_t waiting() const;
  /// A future is in a critical section: what waits for that at it or below it fails.
  void refuse_below(const key& above, const std::string& section);

  /// Gives no more places; what waits is dropped.
  void close();
  /// Once nothing has a place any more: says so to the other processes.
  void leave();

 private:
  using clock = std::chrono::steady_clock;

  /// Either a future that has not started, or one that is alive.
  struct entry {
    ticket_ptr ticket;
    std::function<void(place_ptr)> placed{};
    bool starts = true;
    motion::token under_way{};
    timers::id deadline{};  ///< when it has timed out
    wish_ptr wish{};
  };
  struct line {
    line(std::string n, const queue_limits& l) : name(std::move(n)), limits(l), all(l.key_concurrency) {}

    const std::string name;
    const queue_limits limits;
    waiting_line<entry> all;
    std::map<std::uint64_t, std::uint32_t> held;  ///< places, by group
    queue_state state;                            ///< as it was last seen
    bytes agreed;                                 ///< the same, as the store holds it
    bool changed = true;                          ///< since the last look
    clock::time_point due{};                      ///< of the next look
    std::chrono::milliseconds between_looks{0};   ///< while it waits for others
  };
  using line_ptr = std::shared_ptr<line>;
  /// One that may have a place if the others agree.
  struct offer {
    key who;
    std::uint64_t number = 0;
  };
  struct draft {
    std::vector<offer> offers;
    queue_state state;
    std::optional<std::chrono::microseconds> free_in;  ///< the rate lets the next start then
    bool waits_for_place = false;
  };
  struct started {
    entry what;
    place_ptr place;
  };

  /// Null for what is no queue of this runtime.
  line_ptr line_of(const std::string& name);
  void add(const line_ptr& l, waiting_line<entry>::waiting w, bool first);
  void add_alive(const life_ptr& l, const options& opts, bool starts, std::function<void(place_ptr)> call);
  void look_soon(line& l);
  void give_back(const line_ptr& l, std::uint64_t group);
  void refuse(const ticket& t);
  timers::id arm_deadline(const ticket& t);
  ticket_ptr ticket_of(entry e);

  void run();
  std::optional<clock::time_point> next_due() const;
  void visit(const line_ptr& l);
  queue_asker asker() const;
  draft plan(const line& l, const queue_asker& who) const;
  bool agree(const line_ptr& l, const draft& d, const queue_asker& who, std::unique_lock<std::mutex>& lock);
  void set_due(line& l, const draft& d) const;
  std::vector<started> give(const line_ptr& l, const draft& d);
  void start(std::vector<started> all);
  void forget_unused(const line_ptr& l);

  engine& engine_;
  const queues configured_;
  const bool shared_;
  const bool outlived_;  ///< the store is there when the process has ended
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, line_ptr> lines_;
  bool closed_ = false;
  bool troubled_ = false;  ///< which was said
  std::thread thread_;
};

}  // namespace banyan::detail
