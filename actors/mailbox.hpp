#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "actors/motion.hpp"
#include "messages/protocol.hpp"

namespace banyan::detail {

/// A reference that keeps an actor alive. This header knows no actor library.
class strong_actor {
 public:
  strong_actor() = default;
  explicit strong_actor(void* control_block) noexcept;  ///< takes a reference of its own
  strong_actor(strong_actor&& other) noexcept;
  strong_actor& operator=(strong_actor&& other) noexcept;
  ~strong_actor();
  void* get() const noexcept { return block_; }

 private:
  void* block_ = nullptr;
};

/// A message on its way.
struct envelope {
  mail what;
  motion::token under_way;
};

/// Where messages to a future go. They are kept from `open` on; once the future has an actor, and nothing is kept any
/// more, they go straight to it. Anybody may post; the other calls are for who runs the future. Thread-safe.
class mailbox_link {
 public:
  mailbox_link() = default;
  mailbox_link(const mailbox_link&) = delete;
  mailbox_link& operator=(const mailbox_link&) = delete;
  ~mailbox_link();

  /// From now on messages are kept.
  void open();
  /// The messages that were kept, in the order in which they came. Only between `open` and `seal` or `close`.
  std::vector<envelope> take();
  /// The actor that is to get the messages once `seal` says so. Returns how many there have been with it.
  std::uint32_t attach(void* control_block);
  /// True if messages go to the actor from now on, or did already; false while some are kept.
  bool seal();
  /// From now on messages are dropped, as before `open`.
  void close();

  /// Sends a message. False if it is dropped. Never blocks.
  bool post(envelope e) const;

 private:
  struct link {
    void* control_block;  ///< weakly held
    link* previous;
    std::uint32_t number;
  };
  struct kept {
    envelope what;
    kept* below;
  };
  static std::vector<envelope> in_order(kept* top);

  /// The newest kept message, or one of the marks below.
  mutable std::atomic<kept*> top_{nullptr};
  /// The newest link first. Earlier ones, of actors that had to be replaced, stay until the end, so that no reader
  /// ever holds a link that is gone.
  std::atomic<link*> newest_{nullptr};

  static kept* const closed;  ///< messages are dropped
  static kept* const empty;   ///< messages are kept, and there is none
  static kept* const sealed;  ///< messages go to the actor
};

}  // namespace banyan::detail
