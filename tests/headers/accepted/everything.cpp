// A good part of what is public, as a user's compiler meets it.
#include <banyan/banyan.hpp>

#include <numeric>

using namespace banyan;

int add(int a, int b) { return a + b; }
BANYAN_FUNCTION(add)

void note(std::string /*text*/) {}
BANYAN_FUNCTION(note)

void rest() {}
BANYAN_FUNCTION(rest)

int twice(int n) { return 2 * n; }
BANYAN_FUNCTION(twice)

void see(future<int> /*of*/) {}
BANYAN_FUNCTION(see)

struct scaled {
  int by = 1;
  int operator()(int n) const { return by * n; }
  operator int() const { return by; }  // NOLINT: what is a number, too, is no lambda
  MSGPACK_DEFINE(by)
};
BANYAN_CLOSURE(scaled)

struct countdown {
  using page = std::vector<int>;
  int from = 0;
  std::optional<page> read(std::uint64_t /*limit*/) const { return page{from}; }
  std::vector<countdown> split(std::size_t /*n*/) const { return {}; }
  std::optional<std::uint64_t> size() const { return 1; }
  MSGPACK_DEFINE(from)
};
BANYAN_SOURCE(countdown)

std::uint64_t sum_of(const index_range& page) { return std::accumulate(page.begin(), page.end(), std::uint64_t{0}); }
BANYAN_FUNCTION(sum_of)

std::uint64_t sum_two(std::uint64_t a, std::uint64_t b) { return a + b; }
BANYAN_FUNCTION(sum_two)

task<int> everything(context& ctx, int n) {
  const auto a = ctx.spawn({.name = "a", .on_success = see}, add, n, 1);
  const auto v = ctx.spawn(note, "v");
  const auto [left] = co_await all(a, v);
  co_await all(v, v);
  const auto voids = ctx.map(note, std::vector<std::string>{"x", "y"});
  co_await gather(voids);
  co_await gather(voids, errors::skip);
  const auto first = co_await first_success(voids);
  co_await any(v, v);
  const auto together = ctx.spawn(parallel(std::vector<fn<void()>>{rest, banyan::bind(note, "z")}));
  co_await together;
  const auto in_turn = ctx.spawn(sequence(std::vector<fn<void()>>{rest}));
  co_await with_timeout(in_turn, std::chrono::seconds(1));
  const auto next = ctx.spawn(then(a, twice));
  const auto after = ctx.spawn(then(v, rest));
  const auto closed = ctx.spawn(then(a, scaled{3}));
  auto done = as_completed(std::vector{a, next, closed});
  while (auto f = co_await done.next()) static_cast<void>(f->ready());
  const auto sum = ctx.spawn(map_reduce(index_range{0, 9}, sum_of, sum_two, 0));
  const auto word = co_await ctx.receive_for<std::string>("word", std::chrono::seconds(1));
  co_await after;
  co_return left + static_cast<int>(co_await sum) + static_cast<int>(first.index) + (word ? 1 : 0);
}
BANYAN_FUNCTION(everything)

int main() {
  runtime rt;
  rt.gather(rt.map(note, std::vector<std::string>{"x"}));
  const std::vector<int> values = rt.gather(rt.map(twice, std::vector<int>{1}), errors::skip);
  const auto open = rt.wait(rt.map(note, std::vector<std::string>{"x"})).open;
  static_assert(std::forward_iterator<index_range::iterator>);
  rt.every({.id = "s"}, cron("0 3 * * *"), banyan::bind(note, "s"));
  rt.post(note, "p");
  return static_cast<int>(values.size() + open.size()) + rt.spawn(everything, 1).get();
}
