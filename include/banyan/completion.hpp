#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <banyan/combinators.hpp>
#include <banyan/future.hpp>
#include <banyan/task.hpp>

namespace banyan {

/// When `wait` has waited long enough.
enum class wait_until : unsigned char {
  all = 0,            ///< all have results, whatever they are
  first = 1,          ///< one has
  first_failure = 2,  ///< one failed or was cancelled, or all succeeded
};

struct wait_options {
  std::size_t count = 0;  ///< above 0: until so many have results, in place of `until`
  wait_until until = wait_until::all;
  std::optional<std::chrono::milliseconds> deadline{};  ///< from the call on, across restarts; nothing: none
};

/// Futures that were waited for, each part in the order in which they were given.
template <class R>
struct wait_result {
  std::vector<future<R>> done;
  std::vector<future<R>> open;  ///< that had no result when the wait was over
};

struct timeout_options {
  bool cancel = true;  ///< cancel the future, if it is a child of this one, once its time is up
};

namespace detail {

/// How many different ones of `keys` have to have results for `opts`. Throws `error` (`invalid_argument`) where there
/// are not so many.
std::size_t wanted_count(const wait_options& opts, const std::vector<key>& keys);

/// Waits as `opts` says. True at an index: that one counts as done; which do is a recorded choice.
task<std::vector<bool>> wait_for_some(std::vector<key> keys, wait_options opts);

/// False: the time was up before there was a result. A recorded choice.
task<bool> wait_with_timeout(key k, std::chrono::milliseconds d, bool cancel);

/// Hands out keys as their futures get results, in an order that is recorded.
class completion_order {
 public:
  explicit completion_order(std::vector<key> keys);
  void add(const key& k);
  std::size_t size() const { return open_.size(); }
  /// Up to `most` of them, at least one: their numbers in the order in which they were added. None: there are no more.
  task<std::vector<std::size_t>> next(std::size_t most);

 private:
  std::vector<std::size_t> take(const std::vector<std::size_t>& places);
  std::vector<std::size_t> ready(activation& a, std::size_t most);

  std::vector<key> open_;
  std::vector<std::size_t> numbers_;  ///< of those, as they were added
  std::size_t added_ = 0;
  std::size_t look_from_ = 0;
};

}  // namespace detail

/// Waits until so many of them have results, until one has failed, or for so long. Throws for no result; it is asked
/// for by `co_await` afterwards. Throws `error` (`invalid_argument`) for a `count` above the number of futures. Works
/// inside future functions only; takes a number, with a deadline two.
template <class R>
task<wait_result<R>> wait(std::vector<future<R>> futures, wait_options opts = {}) {
  const std::vector<bool> done = co_await detail::wait_for_some(detail::keys_of(futures), opts);
  wait_result<R> result;
  for (std::size_t i = 0; i < futures.size(); ++i) (done[i] ? result.done : result.open).push_back(futures[i]);
  co_return result;
}

/// The result of `f`, or a `timeout` without an origin once `d` is over, which holds across restarts. Works inside
/// future functions only; takes two numbers.
template <class R>
task<R> with_timeout(future<R> f, std::chrono::milliseconds d, timeout_options opts = {}) {
  const key k = detail::named_key(f);
  const bool in_time = co_await detail::wait_with_timeout(k, d, opts.cancel);
  if (!in_time) throw timeout(f.key().str() + " had no result in " + std::to_string(d.count()) + " ms");
  co_return co_await f;
}

/// Futures as they get their results, in an order that is recorded. Belongs to one run of a function; each call of
/// `next` and `next_batch` takes a number.
template <class R>
class completions {
 public:
  explicit completions(std::vector<future<R>> futures)
      : futures_(std::move(futures)), order_(detail::keys_of(futures_)) {}

  /// One more. Also while the others are awaited, and after `next` has said that there are no more.
  void add(future<R> f) {
    order_.add(detail::named_key(f));
    futures_.push_back(std::move(f));
  }
  std::size_t size() const { return order_.size(); }  ///< that were not handed out yet

  /// The next one that has a result, which `co_await` then gives at once; nothing: all were handed out.
  task<std::optional<future<R>>> next() {
    const std::vector<std::size_t> numbers = co_await order_.next(1);
    std::optional<future<R>> f;
    if (!numbers.empty()) f = futures_[numbers.front()];
    co_return f;
  }
  /// All that have results, at least one, at most `most`; none: all were handed out. Throws `error`
  /// (`invalid_argument`) for at most none.
  task<std::vector<future<R>>> next_batch(std::size_t most = static_cast<std::size_t>(-1)) {
    if (most == 0) throw error(errc::invalid_argument, "next_batch: at most 0 futures are no batch");
    std::vector<future<R>> batch;
    for (const std::size_t n : co_await order_.next(most)) batch.push_back(futures_[n]);
    co_return batch;
  }

 private:
  std::vector<future<R>> futures_;
  detail::completion_order order_;
};

/// `auto done = as_completed(futures); while (auto f = co_await done.next()) use(co_await *f);`
template <class R>
completions<R> as_completed(std::vector<future<R>> futures) {
  return completions<R>(std::move(futures));
}

}  // namespace banyan
