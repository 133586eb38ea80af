#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <banyan/combinators.hpp>
#include <banyan/completion.hpp>
#include <banyan/detail/result_watch.hpp>
#include <banyan/future.hpp>

namespace banyan {

/// Futures as they get their results, for plain code: `for (const auto& f : rt.as_completed(futures)) use(f.get());`
/// Used by one thread at a time. `next` and iteration throw as `future::wait_for` does.
template <class R>
class arrivals {
 public:
  explicit arrivals(const std::vector<future<R>>& futures) {
    for (const auto& f : futures) add(f);
  }

  /// One more. Also while the others are awaited.
  void add(const future<R>& f) {
    watch_.add(f);
    futures_.push_back(f);
  }
  std::size_t size() const { return futures_.size() - handed_out_; }  ///< that were not handed out yet

  /// The next one that has a result; nothing: all were handed out, or `limit` is over.
  std::optional<future<R>> next(std::optional<std::chrono::milliseconds> limit = std::nullopt) {
    if (size() == 0 || !watch_.wait(handed_out_ + 1, false, limit)) return std::nullopt;
    return futures_[watch_.arrival(handed_out_++)];
  }

  class iterator {
   public:
    using value_type = future<R>;
    using difference_type = std::ptrdiff_t;
    explicit iterator(arrivals& all) : all_(&all), now_(all.next()) {}
    const future<R>& operator*() const { return *now_; }
    iterator& operator++() {
      now_ = all_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !now_; }

   private:
    arrivals* all_;
    std::optional<future<R>> now_;
  };
  iterator begin() { return iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::vector<future<R>> futures_;
  detail::result_watch watch_{"as_completed"};
  std::size_t handed_out_ = 0;
};

namespace detail {

template <class R>
wait_result<R> wait_here(const std::vector<future<R>>& futures, const wait_options& opts) {
  const std::size_t count = wanted_count(opts, keys_of(futures));
  result_watch watch("wait");
  std::unordered_map<key, std::size_t> numbers;
  for (const auto& f : futures) {
    if (numbers.try_emplace(f.key(), watch.size()).second) watch.add(f);
  }
  watch.wait(count, opts.count == 0 && opts.until == wait_until::first_failure, opts.deadline);
  wait_result<R> found;
  for (const auto& f : futures) (watch.result(numbers.at(f.key())) ? found.done : found.open).push_back(f);
  return found;
}

/// What `gather` gives.
template <class R>
struct gathered {
  using type = std::vector<R>;
};
template <>
struct gathered<void> {
  using type = void;
};

template <class R>
typename gathered<R>::type gather_here(const std::vector<future<R>>& futures, errors how) {
  const bool skip = skips_errors(how);
  result_watch watch("gather");
  for (const auto& f : futures) watch.add(f);
  watch.wait(futures.size(), !skip, std::nullopt);
  for (std::size_t i = 0; i < futures.size() && !skip; ++i) {
    if (const outcome_ptr o = watch.result(i); o && !o->ok()) value_or_throw(*o);
  }
  if constexpr (!std::is_void_v<R>) {
    std::vector<R> values;
    for (std::size_t i = 0; i < futures.size(); ++i) {
      if (const outcome_ptr o = watch.result(i); o->ok()) values.push_back(future<R>::read(*o));
    }
    return values;
  }
}

}  // namespace detail
}  // namespace banyan
