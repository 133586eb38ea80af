#pragma once

#include <atomic>

#include "actors/motion.hpp"
#include "messages/protocol.hpp"

namespace banyan::detail {

/// A reference that keeps an actor alive. Defined by the actor host; this header knows no actor library.
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

/// Where messages to a future go: to its actor, as long as there is one. Thread-safe.
class mailbox_link {
 public:
  mailbox_link() = default;
  mailbox_link(const mailbox_link&) = delete;
  mailbox_link& operator=(const mailbox_link&) = delete;
  ~mailbox_link();

  /// From now on messages go to this actor. Called before the actor runs.
  void connect(void* control_block);

  /// Sends a message. False if there is no actor, and the message is dropped. Never blocks.
  bool post(envelope e) const;

 private:
  struct link {
    void* control_block;  ///< weakly held
    link* previous;
  };
  /// The newest link first. Earlier ones, of actors that had to be replaced, stay until the end, so that no reader
  /// ever holds a link that is gone.
  std::atomic<link*> newest_{nullptr};
};

}  // namespace banyan::detail
