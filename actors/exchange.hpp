#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/announcements.hpp"
#include "actors/away.hpp"
#include "actors/guests.hpp"
#include "actors/halts.hpp"
#include "actors/neighbours.hpp"
#include "messages/protocol.hpp"

namespace banyan::detail {

class engine;

/// What a node's futures have to do with those of other nodes: it sends children away and takes in guests, and carries
/// results, progress and stops between them. Each child has one node at a time that may run it: the next is asked only
/// when the one before has said that it does not, or is gone. Thread-safe.
class exchange {
 public:
  exchange(engine& owner, neighbours& others, stop_epoch& epoch);

  // --- Children of futures here -----------------------------------------------------------------------------

  /// Sends a child to the node where it is to run, or looks for the node where it runs already. Gives the ticket back
  /// if that is this one.
  ticket_ptr place(ticket_ptr t);
  /// What is to start while a future of the same key, `there`, is alive here. As a guest that is about to go, or that
  /// came for another node before its parent went on here; a guest that comes late finds that its parent is here.
  void meet_twin(ticket_ptr t, const life& there);
  /// Stops a child that is elsewhere, once all that was submitted is durable. False if it is not.
  bool stop(const key& child, const error_info& why);
  /// Has the node that runs a child look at its record, or at another one that concerns it. False if it is not sent.
  bool pass_on(const key& child, const key& record);
  /// Has all other nodes look at a future's record.
  void announce(const key& k);
  /// Tells what there is of a cancelled future and below it on other nodes to stop. `done` is called once all have
  /// heard of it, or are gone.
  void halt(const key& k, const error_info& why, halts::callback done);
  bool is_away(const key& k) const { return away_.contains(k); }

  // --- Guests -----------------------------------------------------------------------------------------------

  /// Says something to the parent of a guest, at its node.
  void tell(const life& parent, mail m);
  life_ptr parent_of(const key& guest) const { return guests_.parent_of(guest); }
  /// A guest, or something below it, waits for a place in a queue of those above: the parent's node is told. See
  /// `place_wish`. Calls of both come in pairs.
  void begin_wish(life& parent, std::uint64_t guest, const std::string& queue);
  void end_wish(life& parent, std::uint64_t guest, const std::string& queue);
  /// Tells the nodes of what is below `above` that this is in the critical section for which something there waits.
  void refuse_below(const key& above, const std::string& section);

  // --- From the other nodes ---------------------------------------------------------------------------------

  void receive(incarnation_id from, frame f);
  /// What was sent to it may have been lost.
  void connected(incarnation_id node);
  /// It is gone for good.
  void lost(incarnation_id node);
  /// Gives what has not started to others, as far as they take it.
  void hand_out();
  /// There are other nodes now than before, or they can do other things.
  void changed();
  /// Asks after the children at nodes that live, but are cut off from this one: what was sent may be lost. From time to
  /// time, as long as there are such.
  void ask_cut_off(const std::vector<incarnation_id>& nodes);
  /// Asks after the children at the other nodes, too, so that nothing that was lost on its way is waited for for ever.
  /// From time to time.
  void ask_connected();

  std::vector<incarnation_id> homes_of(const family_id& family);

 private:
  ticket_ptr place_root(ticket_ptr t);
  ticket_ptr ask_for(ticket_ptr t);
  ticket_ptr keep_waiting(ticket_ptr t);
  ticket_ptr send_away(ticket_ptr t, incarnation_id node);
  void depart(const key& child);
  void come_back(const key& child);
  void place_again(const key& child, std::chrono::milliseconds delay);
  void send_stop(const key& child, const error_info& why);
  void send(incarnation_id to, frame f);
  void send_to_all(const parent_hosts& hosts, const frame& f);

  void on(incarnation_id from, const place_frame& f);
  void on(incarnation_id from, const attach_frame& f);
  void on(incarnation_id from, const here_frame& f);
  void on(incarnation_id from, const absent_frame& f);
  void on(incarnation_id from, const done_frame& f);
  void on(incarnation_id from, const recorded_frame& f);
  void on(incarnation_id from, const settled_frame& f);
  void on(incarnation_id from, const progress_frame& f);
  void on(incarnation_id from, const stop_frame& f);
  void on(incarnation_id from, const noticed_frame& f);
  void on(incarnation_id from, const load_frame& f);
  void on(incarnation_id from, const want_frame& f);
  void on(incarnation_id from, const drive_frame& f);
  void on(incarnation_id from, const halt_frame& f);
  void on(incarnation_id from, const halted_frame& f);
  void on(incarnation_id from, const wish_frame& f);
  void on(incarnation_id from, const refuse_frame& f);
  std::unordered_map<key, std::vector<halts::target>> stopped_elsewhere(const std::unordered_set<key>& futures);
  void begin_wave(const std::vector<halts::target>& targets, const error_info& why, halts::callback done);
  void halt_again(incarnation_id node);
  void pass_halts_on();
  void announce_again(incarnation_id node);
  void give(ticket_ptr t, incarnation_id to);
  void refuse_unstarted();

  life_ptr sender_of(incarnation_id from, const key& child, std::uint32_t& attempt);
  void say_result(const key& guest, const life& parent);
  void say_wishes(const key& guest, life& parent);
  void ask(std::uint64_t round, const std::function<bool(incarnation_id)>& concerns);
  void not_there(incarnation_id node, const key& child, std::uint64_t round = 0);

  engine& engine_;
  neighbours& others_;
  away away_;
  guests guests_;
  halts halts_;
  announcements announced_;
  /// One more with each connection: answers that were under way before it do not count.
  std::atomic<std::uint64_t> round_{1};
};

}  // namespace banyan::detail
