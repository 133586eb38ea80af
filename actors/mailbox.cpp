#include "actors/mailbox.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include "actors/caf_glue.hpp"

namespace banyan::detail {
namespace {

::caf::actor_control_block* block_of(void* p) { return static_cast<::caf::actor_control_block*>(p); }

// Marks are addresses of objects that are never looked at.
char empty_mark;
char sealed_mark;

}  // namespace

thread_local ::caf::execution_unit* current_unit = nullptr;

strong_actor::strong_actor(void* control_block) noexcept : block_(control_block) {
  if (block_) ::caf::intrusive_ptr_add_ref(block_of(block_));
}

strong_actor::strong_actor(strong_actor&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}

strong_actor& strong_actor::operator=(strong_actor&& other) noexcept {
  std::swap(block_, other.block_);
  return *this;
}

strong_actor::~strong_actor() {
  if (block_) ::caf::intrusive_ptr_release(block_of(block_));
}

mailbox_link::kept* const mailbox_link::closed = nullptr;
mailbox_link::kept* const mailbox_link::empty = reinterpret_cast<kept*>(&empty_mark);
mailbox_link::kept* const mailbox_link::sealed = reinterpret_cast<kept*>(&sealed_mark);

mailbox_link::~mailbox_link() {
  close();
  const link* l = newest_.load(std::memory_order_relaxed);
  while (l) {
    const link* previous = l->previous;
    ::caf::intrusive_ptr_release_weak(block_of(l->control_block));
    delete l;
    l = previous;
  }
}

void mailbox_link::open() {
  kept* found = top_.load(std::memory_order_relaxed);
  while ((found == closed || found == sealed) &&
         !top_.compare_exchange_weak(found, empty, std::memory_order_acq_rel, std::memory_order_relaxed)) {
  }
}

std::vector<envelope> mailbox_link::in_order(kept* top) {
  std::vector<envelope> messages;
  while (top != closed && top != empty && top != sealed) {
    const std::unique_ptr<kept> newest(top);
    messages.push_back(std::move(newest->what));
    top = newest->below;
  }
  std::ranges::reverse(messages);
  return messages;
}

std::vector<envelope> mailbox_link::take() {
  if (top_.load(std::memory_order_relaxed) == empty) return {};
  return in_order(top_.exchange(empty, std::memory_order_acq_rel));
}

std::uint32_t mailbox_link::attach(void* control_block) {
  ::caf::intrusive_ptr_add_weak_ref(block_of(control_block));
  // Only one thread makes actors for a future at a time; readers see a complete link.
  link* const previous = newest_.load(std::memory_order_relaxed);
  const std::uint32_t number = previous ? previous->number + 1 : 1;
  newest_.store(new link{control_block, previous, number}, std::memory_order_release);
  return number;
}

bool mailbox_link::seal() {
  kept* expected = empty;
  return top_.compare_exchange_strong(expected, sealed, std::memory_order_acq_rel) || expected == sealed;
}

void mailbox_link::close() { in_order(top_.exchange(closed, std::memory_order_acq_rel)); }

bool mailbox_link::post(envelope e) const {
  kept* top = top_.load(std::memory_order_acquire);
  if (top == closed) return false;
  std::unique_ptr<kept> node;
  while (top != sealed) {
    if (top == closed) return false;
    if (!node) node.reset(new kept{std::move(e), nullptr});
    node->below = top;
    if (top_.compare_exchange_weak(top, node.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
      node.release();
      return true;
    }
  }
  if (node) e = std::move(node->what);
  const link* const l = newest_.load(std::memory_order_acquire);
  if (!::caf::intrusive_ptr_upgrade_weak(block_of(l->control_block))) return false;
  const ::caf::strong_actor_ptr target(block_of(l->control_block), false);
  target->enqueue(::caf::make_mailbox_element(nullptr, ::caf::make_message_id(), {}, std::move(e)), current_unit);
  return true;
}

}  // namespace banyan::detail
