#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <banyan/error.hpp>

namespace banyan {

/// `co_return banyan::pending;`: the function is done, its result comes later, by `set_value` from outside. Until then
/// it is run again whenever the store is opened.
struct pending_t {
  enum class made { here };
  constexpr explicit pending_t(made) {}  ///< so that `co_return {}` is a value
};
inline constexpr pending_t pending{pending_t::made::here};

/// What a plain function returns whose result may come later: `return banyan::pending;` or a value.
template <class T>
class pending_result {
 public:
  using value_type = T;
  pending_result(pending_t) {}                           // NOLINT: implicit, so that `return pending` works
  pending_result(T value) : value_(std::move(value)) {}  // NOLINT
  const std::optional<T>& value() const { return value_; }

 private:
  std::optional<T> value_;
};

template <class T = void>
class task;

namespace detail {

/// What the promises of all tasks share. A task starts when it is awaited, or when its future runs it. Where it ends
/// without having suspended, who awaited it goes on as after a call; else it resumes who awaited it, on the same
/// thread. So a loop over tasks takes no more stack with each round, also where the compiler makes no tail calls.
class task_promise_base {
 public:
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> h) const noexcept {
      const task_promise_base& p = h.promise();
      return p.continuation_ && !p.first_stretch_ ? p.continuation_ : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  /// Starts the task `callee`, whose promise this is. True if it has suspended: then it resumes `caller` at its end.
  bool start(std::coroutine_handle<> callee, std::coroutine_handle<> caller) {
    continuation_ = caller;
    first_stretch_ = true;
    callee.resume();
    first_stretch_ = false;
    return !callee.done();
  }
  bool is_pending() const noexcept { return pending_; }
  void rethrow_failure() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 protected:
  bool pending_ = false;

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr exception_;
  bool first_stretch_ = false;  ///< it has not suspended yet
};

template <class T>
class task_promise : public task_promise_base {
 public:
  task<T> get_return_object() noexcept;

  template <class U = T>
  requires std::is_convertible_v<U&&, T> &&
      (!std::is_same_v<std::remove_cvref_t<U>, pending_t>)void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  void return_value(pending_t) noexcept { pending_ = true; }

  T take() {
    rethrow_failure();
    if (!value_) throw error(errc::invalid_argument, "a pending task has no value to await; spawn it instead");
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow_failure(); }
};

}  // namespace detail

/// A coroutine: the body of a future function, or a part of one that it awaits directly
/// (`co_await helper(ctx, x)` runs the helper inside the same future, on the same thread). It starts when it is
/// awaited, once, and throws there what it threw. Move-only; owns its frame. Take parameters by value or as `context&`:
/// the frame outlives the call that made it.
template <class T>
class [[nodiscard]] task {
 public:
  using value_type = T;
  using promise_type = detail::task_promise<T>;
  using handle_type = std::coroutine_handle<promise_type>;

  explicit task(handle_type h) noexcept : handle_(h) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  handle_type handle() const noexcept { return handle_; }

  auto operator co_await() && noexcept {
    struct awaiter {
      handle_type callee;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> caller) const { return callee.promise().start(callee, caller); }
      T await_resume() const { return callee.promise().take(); }
    };
    return awaiter{handle_};
  }

 private:
  handle_type handle_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise<T>>::from_promise(*this));
}

inline task<void> detail::task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise<void>>::from_promise(*this));
}

}  // namespace banyan
