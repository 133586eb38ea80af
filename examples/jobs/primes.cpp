// Work in parts: a child for each range, and their sum.

#include <algorithm>
#include <vector>

#include <banyan/banyan.hpp>

namespace {

bool is_prime(long n) {
  if (n < 2) return false;
  for (long d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

}  // namespace

/// How many primes there are from `first` to `last`, without `last`.
long count_primes(banyan::context& ctx, long first, long last) {
  constexpr long numbers_a_look = 1000;
  long found = 0;
  for (long n = first; n < last; ++n) {
    if (n % numbers_a_look == 0) ctx.check_cancelled();
    found += is_prime(n);
  }
  return found;
}
BANYAN_FUNCTION(count_primes)

/// How many primes there are below `limit`.
banyan::task<long> primes(banyan::context& ctx, long limit) {
  constexpr long part = 100'000;
  std::vector<banyan::future<long>> parts;
  for (long first = 0; first < limit; first += part) {
    parts.push_back(ctx.spawn(count_primes, first, std::min(first + part, limit)));
  }
  long sum = 0;
  for (banyan::future<long>& p : parts) sum += co_await p;
  co_return sum;
}
BANYAN_FUNCTION(primes)
