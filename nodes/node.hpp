#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <banyan/runtime.hpp>

#include "actors/neighbours.hpp"
#include "nodes/detours.hpp"
#include "nodes/mesh.hpp"
#include "nodes/roster.hpp"
#include "nodes/succession.hpp"

namespace banyan::detail {

class engine;

/// Makes an engine a node of a cluster: lists it in the store, connects it to the others, says how much it has to do,
/// and sees who is gone. Leases in the store are the authority; connections are the fast way.
class node final : public neighbours {
 public:
  /// Listens, and joins `e` to the others. Throws `error`: `invalid_argument` (where it cannot listen, or a node of
  /// another version is there), and what the store throws.
  node(engine& e, node_options options);
  ~node() override;

  /// Lists it; from here on it takes part. After `engine::recover`.
  void start();
  /// Takes no new work, and waits for up to `grace` for what runs.
  void wind_down(std::chrono::milliseconds grace);
  /// Before the engine is shut down.
  void look_no_more();
  /// Gives what is left to the others, and takes it off the list. When the engine has written everything.
  void hand_over();
  /// Ends the connections. Once the engine is shut down.
  void hang_up() { mesh_->stop(); }

  const network_address& address() const { return mesh_->address(); }

  // --- neighbours -----------------------------------------------------------------------------------------
  incarnation_id self() const override { return roster_.self(); }
  incarnation_id choose(const placement& how, const call_needs& needs) override { return roster_.choose(how, needs); }
  bool may_run(incarnation_id node, const placement& how, const call_needs& needs) override {
    return roster_.may_run(node, how, needs);
  }
  bool give_root(const family_id& root, incarnation_id to) override;
  bool exists(incarnation_id node) const override;
  bool find_out(incarnation_id node) override;
  bool is_connected(incarnation_id other) const override { return roster_.is_connected(other); }
  void send(incarnation_id to, const frame& f) override;
  std::vector<incarnation_id> living() const override;
  void root_given(const family_id& root) override;

 private:
  mesh::events make_events();
  node_hello own_hello() const;
  incarnation_id greeted(std::string_view hello);
  void connected(incarnation_id other);
  void received(incarnation_id from, std::vector<frame> frames);
  void run();
  void look();
  void heed_operator(bool drain);
  void look_for_functions();
  std::vector<incarnation_id> cut_off() const;
  void go_by_the_store(const std::vector<incarnation_id>& others);
  void ask_after_children();
  void announce();
  void say_load();
  bool ask_for_work();
  void note(const std::vector<member>& members);
  void meet(const member& m);
  void refuse(const member& m, const std::string& why);
  void wake();
  void send_all(const frame& f);

  engine& engine_;
  membership& members_;
  const node_options options_;
  roster roster_;
  succession succession_;
  detours detours_;

  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  bool over_ = false;
  bool look_now_ = false;
  std::atomic<bool> leaving_{false};
  bool draining_ = false;                                                           ///< of the thread that looks
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();  ///< the same
  std::atomic<bool> look_at_own_{false};
  std::unordered_map<incarnation_id, std::string> alive_;  ///< by name; without this one
  std::unordered_set<std::string> refused_;                ///< whose difference was told
  std::uint64_t known_functions_ = 0;
  const millis started_;
  bytes last_card_;
  std::uint64_t last_load_ = ~std::uint64_t{0};

  std::unique_ptr<mesh> mesh_;
  std::thread thread_;
};

}  // namespace banyan::detail
