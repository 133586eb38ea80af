#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace banyan::detail {

/// A base for objects that count their own references.
template <class Derived>
class counted {
 public:
  void retain() const noexcept {
    // A new reference is made from an existing one: nothing has to be ordered.
    references_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() const noexcept {
    // All uses through other references happen before the destruction.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete static_cast<const Derived*>(this);
  }

 protected:
  counted() = default;
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() = default;

 private:
  mutable std::atomic<std::uint32_t> references_{0};
};

/// A shared pointer to a `counted` object, of the size of a pointer.
template <class T>
class ref {
 public:
  ref() = default;
  explicit ref(T* p) noexcept : p_(p) {
    if (p_) p_->retain();
  }
  ref(const ref& other) noexcept : ref(other.p_) {}
  ref(ref&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  ref& operator=(ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~ref() {
    if (p_) p_->release();
  }

  T* get() const noexcept { return p_; }
  T& operator*() const noexcept { return *p_; }
  T* operator->() const noexcept { return p_; }
  explicit operator bool() const noexcept { return p_ != nullptr; }

 private:
  T* p_ = nullptr;
};

}  // namespace banyan::detail
