#pragma once

#include <utility>

namespace banyan::detail {

/// A value as a member of options, which people write in braces inside `co_await ctx.spawn({...}, f)`. g++ 12 copies
/// what is braced there bit by bit and then destroys both copies; a box knows its own address, and so which of the two
/// it is. One that holds nothing reads as a T that was made without arguments.
template <class T>
class boxed {
 public:
  boxed() = default;
  explicit boxed(T value) : value_(new T(std::move(value))) {}
  boxed(const boxed& other) : value_(other.value_ ? new T(*other.value_) : nullptr) {}
  boxed(boxed&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  boxed& operator=(boxed other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~boxed() {
    if (self_ == this) delete value_;
  }

  const T& operator*() const {
    static const T nothing{};
    return value_ ? *value_ : nothing;
  }
  const T* operator->() const { return &**this; }

 private:
  boxed* self_ = this;
  T* value_ = nullptr;
};

}  // namespace banyan::detail
