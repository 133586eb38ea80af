#include "nodes/mesh.hpp"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <unordered_set>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/apart.hpp"
#include "actors/caf_scheduler.hpp"
#include "nodes/connections.hpp"
#include "nodes/dialler.hpp"
#include "nodes/outboxes.hpp"
#include "nodes/tls_gate.hpp"

namespace banyan::detail {
namespace {

using hello_atom = ::caf::atom_constant<::caf::atom("by.hello")>;
using frames_atom = ::caf::atom_constant<::caf::atom("by.frames")>;
using ack_atom = ::caf::atom_constant<::caf::atom("by.ack")>;
using dial_atom = ::caf::atom_constant<::caf::atom("by.dial")>;
using flush_atom = ::caf::atom_constant<::caf::atom("by.flush")>;
using introduce_atom = ::caf::atom_constant<::caf::atom("by.intro")>;
using drop_atom = ::caf::atom_constant<::caf::atom("by.drop")>;

constexpr std::chrono::seconds patience{3};
/// How long a connection may take to end in good order.
constexpr std::chrono::seconds farewell{1};
constexpr const char* this_machine = "127.0.0.1";

/// Speaks for this node. What others send to it is checked: nobody but nodes that have said hello is listened to.
class node_actor final : public ::caf::event_based_actor {
 public:
  node_actor(::caf::actor_config& cfg, incarnation_id self, const mesh::events& e, outboxes& boxes,
             const std::unique_ptr<tls_gate>& gate, const connections& sockets, const std::atomic<bool>& over)
      : ::caf::event_based_actor(cfg),
        self_(self),
        events_(e),
        boxes_(boxes),
        gate_(gate),
        sockets_(sockets),
        over_(over) {
    // Who is connected could ask for its end otherwise.
    set_exit_handler([this](const ::caf::exit_msg& m) {
      if (over_.load()) quit(m.reason);
    });
    set_down_handler([this](const ::caf::down_msg& m) { lost(m.source); });
    set_default_handler(::caf::drop);
  }

  const char* name() const override { return "banyan.node"; }

  ::caf::behavior make_behavior() override {
    return {
        [this](hello_atom, const std::string& hello) { return answer(hello); },
        [this](frames_atom, std::uint64_t from, std::uint64_t to, const std::string& batch) {
          receive(from, to, batch);
        },
        [this](ack_atom, std::uint64_t from, std::uint64_t to, std::uint64_t size) {
          if (to == self_ && peers_.contains(from)) heed(from, boxes_.acknowledged(from, size));
        },
        [this](dial_atom, std::uint64_t node, const std::string& host, std::uint16_t port) { dial(node, host, port); },
        [this](flush_atom, std::uint64_t node) { flush(node); },
        [this](drop_atom, std::uint64_t node) { drop(node); },
        [this](introduce_atom) { introduce(); },
        [this](introduce_atom, const std::string& hello) { heed_introduction(hello); },
    };
  }

 private:
  ::caf::result<std::string> answer(const std::string& hello) {
    const auto peer = ::caf::actor_cast<::caf::actor>(current_sender());
    if (!peer) return ::caf::sec::invalid_argument;
    try {
      greet(peer, hello);
      return events_.hello();
    } catch (const std::exception& e) {
      events_.warn(std::string("a node is refused: ") + e.what());
      return ::caf::make_error(::caf::sec::runtime_error, std::string(e.what()));
    }
  }

  void greet(const ::caf::actor& peer, const std::string& hello) {
    const incarnation_id node = events_.greeted(hello);
    boxes_.open(node);
    const auto before = peers_.find(node);
    if (before != peers_.end() && before->second.who != peer) demonitor(before->second.who);
    if (before == peers_.end() || before->second.who != peer) monitor(peer);
    peers_[node] = {peer, 0};
    sockets_.note(system());
    events_.connected(node);
  }

  void receive(incarnation_id from, incarnation_id to, const std::string& batch) {
    const auto peer = peers_.find(from);
    if (to != self_ || peer == peers_.end()) return;
    if ((peer->second.unacknowledged += batch.size()) >= outbox::ack_after) {
      send(peer->second.who, ack_atom::value, self_, from, std::exchange(peer->second.unacknowledged, 0));
    }
    try {
      events_.received(from, read_frames(batch));
    } catch (const std::exception& e) {
      events_.warn(e.what());
    }
  }

  /// Where CAF connects to get there. Port 0: nowhere.
  network_address way_to(const std::string& host, std::uint16_t port) {
    if (!gate_) return {host, port};
    try {
      return {this_machine, gate_->tunnel_to({host, port})};
    } catch (const error& e) {
      events_.warn(e.what());
      return {};
    }
  }

  void dial(incarnation_id node, const std::string& host, std::uint16_t port) {
    if (peers_.contains(node) || dialled_.contains(node)) return;
    const network_address way = way_to(host, port);
    if (way.port == 0) return;
    dialled_.insert(node);
    const auto over = [this, node](const ::caf::error&) { dialled_.erase(node); };
    request(system().middleman().actor_handle(), patience, ::caf::connect_atom::value, way.host, way.port)
        .then(
            [this, node, over](const ::caf::node_id&, const ::caf::strong_actor_ptr& other,
                               const std::set<std::string>&) {
              const auto peer = ::caf::actor_cast<::caf::actor>(other);
              if (!peer) return over({});
              request(peer, patience, hello_atom::value, events_.hello())
                  .then(
                      [this, node, peer](const std::string& hello) {
                        dialled_.erase(node);
                        try {
                          greet(peer, hello);
                        } catch (const std::exception& e) {
                          events_.warn(std::string("a node is left alone: ") + e.what());
                        }
                      },
                      over);
            },
            over);
  }

  void flush(incarnation_id node) {
    const auto peer = peers_.find(node);
    if (peer == peers_.end()) return;
    bytes batch;
    const outboxes::change now = boxes_.take(node, batch);
    if (!batch.empty()) send(peer->second.who, frames_atom::value, self_, node, std::move(batch));
    heed(node, now);
  }

  void heed(incarnation_id node, const outboxes::change& now) {
    if (now.wakes) flush(node);
    if (now.full_or_not) events_.full(node, now.full);
  }

  /// What it can do has changed.
  void introduce() {
    for (const auto& [node, peer] : peers_) send(peer.who, introduce_atom::value, events_.hello());
  }

  void heed_introduction(const std::string& hello) {
    const auto who = ::caf::actor_cast<::caf::actor>(current_sender());
    const auto is_it = [&](const auto& p) { return p.second.who == who; };
    if (std::ranges::none_of(peers_, is_it)) return;
    try {
      events_.greeted(hello);
    } catch (const std::exception& e) {
      events_.warn(e.what());
    }
  }

  void drop(incarnation_id node) {
    const auto peer = peers_.find(node);
    if (peer == peers_.end()) return;
    demonitor(peer->second.who);
    forget(peer);
  }

  void lost(const ::caf::actor_addr& who) {
    for (auto peer = peers_.begin(); peer != peers_.end(); ++peer) {
      if (peer->second.who.address() == who) return forget(peer);
    }
  }

  struct connection {
    ::caf::actor who;
    std::uint64_t unacknowledged = 0;  ///< bytes received
  };

  void forget(std::unordered_map<incarnation_id, connection>::iterator peer) {
    const incarnation_id node = peer->first;
    peers_.erase(peer);
    boxes_.close(node);
    events_.disconnected(node);
  }

  const incarnation_id self_;
  const mesh::events& events_;
  outboxes& boxes_;
  const std::unique_ptr<tls_gate>& gate_;
  const connections& sockets_;
  const std::atomic<bool>& over_;
  std::unordered_map<incarnation_id, connection> peers_;
  std::unordered_set<incarnation_id> dialled_;
};

void set_up(::caf::actor_system_config& config, const mesh::settings& s) {
  use_our_scheduler(config, 1);
  config.load<::caf::io::middleman>();
  config.set("middleman.heartbeat-interval", ::caf::timespan(s.heartbeat));
  config.set("middleman.connection-timeout", ::caf::timespan(s.silence));
  config.set("middleman.app-identifiers", std::vector<std::string>{"banyan"});
  config.set("middleman.workers", std::size_t{1});
}

}  // namespace

struct mesh::implementation {
  implementation(settings s, incarnation_id self, events e)
      : options(std::move(s)), calls(std::move(e)), sockets(options.silence) {
    set_up(config, options);
    apart([this, self] {
      system = std::make_unique<::caf::actor_system>(config);
      own = system->spawn<node_actor, ::caf::hidden>(self, calls, boxes, gate, sockets, over);
    });
    try {
      listen();
    } catch (...) {
      end();
      own = nullptr;
      throw;
    }
  }
  ~implementation() {
    end();
    // The system waits until nobody holds an actor, and all connections have ended.
    own = nullptr;
    sockets.note(*system);
    sockets.end_after(farewell);
  }

  void listen() {
    if (options.certificate.empty()) {
      options.listen.port = publish(options.listen);
      return;
    }
    const std::uint16_t inside = publish({this_machine, 0});
    gate = std::make_unique<tls_gate>(tls_gate::settings{
        .listen = options.listen,
        .inside = inside,
        .certificate = options.certificate,
        .key = options.key,
        .ca = options.ca,
        .stall = std::max<std::chrono::milliseconds>(options.silence, patience),
        .warn = calls.warn,
    });
    options.listen = gate->address();
  }

  std::uint16_t publish(const network_address& where) {
    const auto port = apart([&] { return system->middleman().publish(own, where.port, where.host.c_str(), true); });
    if (port) return *port;
    throw error(errc::invalid_argument, "cannot listen on " + where.str() + ": " + system->render(port.error()));
  }

  /// CAF connects at once where a gate goes the rest of the way.
  void dial(incarnation_id node, const network_address& where) {
    gate ? dial_now(node, where) : attempts.add(node, where);
  }
  void dial_now(incarnation_id node, const network_address& where) {
    ::caf::anon_send(own, dial_atom::value, node, where.host, where.port);
  }

  void end() {
    over.store(true);
    attempts.stop();
    apart([this] {
      static_cast<void>(system->middleman().unpublish(own));
      ::caf::anon_send_exit(own, ::caf::exit_reason::user_shutdown);
      ::caf::scoped_actor(*system)->wait_for(own);
    });
    if (gate) gate->stop();
  }

  settings options;
  const events calls;
  outboxes boxes;
  std::atomic<bool> over{false};
  connections sockets;
  std::unique_ptr<tls_gate> gate;  ///< in front of CAF's port; none without certificates
  ::caf::actor_system_config config;
  std::unique_ptr<::caf::actor_system> system;
  ::caf::actor own;
  dialler attempts{[this](incarnation_id node, const network_address& where) { dial_now(node, where); }};
};

mesh::mesh(settings s, incarnation_id self, events e)
    : impl_(std::make_unique<implementation>(std::move(s), self, std::move(e))) {}

mesh::~mesh() = default;

const network_address& mesh::address() const { return impl_->options.listen; }

void mesh::dial(incarnation_id node, const network_address& where) { impl_->dial(node, where); }

void mesh::send(incarnation_id to, const frame& f) {
  const outboxes::change now = impl_->boxes.add(to, f);
  if (now.wakes) ::caf::anon_send(impl_->own, flush_atom::value, to);
  if (now.full_or_not) impl_->calls.full(to, now.full);
}

void mesh::stop() { impl_->end(); }

void mesh::introduce() { ::caf::anon_send(impl_->own, introduce_atom::value); }

void mesh::drop(incarnation_id node) { ::caf::anon_send(impl_->own, drop_atom::value, node); }

}  // namespace banyan::detail
