#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/frames.hpp"
#include "nodes/address.hpp"
#include "nodes/hello.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// The connections to the other nodes, over CAF's networking, in an actor system of its own: what the futures of this
/// process keep busy does not hold them up. Thread-safe.
class mesh {
 public:
  struct settings {
    network_address listen;
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds silence{5000};  ///< after which a connection counts as lost
    std::string certificate, key, ca;         ///< files; all empty: no TLS. Read once, here
  };

  /// What happens. Called on threads of the mesh, one at a time but for `warn`; must not call the mesh's destructor.
  struct events {
    /// What this node says of itself.
    std::function<bytes()> hello;
    /// Whose hello this is. An error refuses it.
    std::function<incarnation_id(std::string_view hello)> greeted;
    /// It is connected, or is connected anew, in which case frames of the connection before may be lost.
    std::function<void(incarnation_id)> connected;
    std::function<void(incarnation_id)> disconnected;
    std::function<void(incarnation_id from, std::vector<frame> frames)> received;
    /// More waits to be sent to it than should, or no more. Also on the thread of who sends, and may be told out of
    /// order.
    std::function<void(incarnation_id, bool full)> full;
    std::function<void(const std::string&)> warn;
  };

  /// Listens. Throws `error` (`invalid_argument`) where it cannot.
  mesh(settings s, incarnation_id self, events e);
  ~mesh();  ///< `stop`
  mesh(const mesh&) = delete;
  mesh& operator=(const mesh&) = delete;

  /// Where it listens: with the port that was found.
  const network_address& address() const;
  /// Connects, if it is not connected or about to be. Does not wait.
  void dial(incarnation_id node, const network_address& where);
  /// Queues a frame; what is queued goes in one message. Dropped where there is no connection.
  void send(incarnation_id to, const frame& f);
  /// Ends all; no event comes after it. What is called later does nothing.
  void stop();
  /// Says to all who are connected what this node can do now.
  void introduce();
  /// Ends a connection.
  void drop(incarnation_id node);

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace banyan::detail
