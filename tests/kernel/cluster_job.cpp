/// A node whose jobs write down their side effects, to be killed at any moment:
/// cluster_job NAME STORE NOTES LEASE-MS [LISTEN [CERTIFICATE KEY CA]]. Does what the lines of its standard input say,
/// and answers each with a line:
///   meet N           waits until N nodes are connected
///   spawn ID A B     starts a job of A branches of B leaves each
///   map ID N         starts a map over N numbers
///   talk ID A B      starts A speakers that send B numbers each to a listener of their own
///   turn ID N        starts N that run one at a time, as many that run two at a time, and a tenth of that that lend
///                    the one place of a queue to one below them on another node
///   nap ID MS        starts one that sleeps so long
///   every ID N MS    starts a schedule of N runs
///   given ID 0       starts one that is to be given children
///   adopt ID N       gives it N children, each of them once, and says "adopted" when it is done
///   spend ID N       starts one that may have N futures below it, and makes them
///   leave            ends in good order, as the end of the input does

#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <banyan/banyan.hpp>

#include "tests/kernel/map_sources.hpp"
#include "tests/support/side_effects.hpp"
#include "tests/support/wait_until.hpp"

namespace {

using namespace std::chrono_literals;

constexpr banyan::placement::kind spread = banyan::placement::kind::spread;

long leaf(banyan::context& ctx, std::string notes) {
  banyan::test::note(notes, ctx.key().str());
  return 1;
}
BANYAN_FUNCTION(leaf)

banyan::task<long> branch(banyan::context& ctx, std::string notes, int leaves) {
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < leaves; ++i) children.push_back(ctx.spawn({.placement = {spread}}, leaf, notes));
  long sum = 1;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(branch)

banyan::task<long> top(banyan::context& ctx, std::string notes, int branches, int leaves) {
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < branches; ++i) children.push_back(ctx.spawn({.placement = {spread}}, branch, notes, leaves));
  long sum = 1;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(top)

banyan::task<long> nap(banyan::context& ctx, int ms) {
  co_await ctx.sleep(std::chrono::milliseconds(ms));
  co_return 1;
}
BANYAN_FUNCTION(nap)

std::uint64_t sums_and_notes(const std::string& notes, const std::vector<std::uint64_t>& page) {
  banyan::test::note(notes, std::to_string(page.front()));
  return banyan::test::sum_page(page);
}
BANYAN_FUNCTION(sums_and_notes)

/// Of N numbers, by pages of ten; those of a first pass are handed from node to node.
banyan::fn<std::uint64_t()> map_over(std::uint64_t n, const std::string& notes) {
  const banyan::map_options opts{.page_size = 10, .shards = 4, .count_first = true, .placement = {spread}};
  return banyan::map_reduce(banyan::test::numbers{0, n}, banyan::bind(sums_and_notes, notes), banyan::test::add_up, 0,
                            opts);
}

/// Fails where it does not receive each number once and in order.
banyan::task<long> listens(banyan::context& ctx, std::string notes, int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) {
    const int n = co_await ctx.receive<int>("number");
    if (n != i) throw banyan::permanent_failure("received " + std::to_string(n) + " for " + std::to_string(i));
    sum += n;
    if (i % 10 == 0) banyan::test::note(notes, ctx.key().str() + " " + std::to_string(i));
  }
  const auto more = co_await ctx.receive_for<int>("number", 1ms);
  if (more) throw banyan::permanent_failure("received one more: " + std::to_string(*more));
  co_return sum;
}
BANYAN_FUNCTION(listens)

/// Recorded steps lie between what it sends.
banyan::task<> speaks(banyan::context& ctx, banyan::future<long> to, int count) {
  for (int i = 0; i < count; ++i) {
    to.send("number", i);
    if (i % 7 == 0) co_await ctx.sleep(1ms);
  }
}
BANYAN_FUNCTION(speaks)

banyan::task<long> talk(banyan::context& ctx, std::string notes, int pairs, int count) {
  std::vector<banyan::future<long>> listeners;
  std::vector<banyan::future<void>> speakers;
  for (int i = 0; i < pairs; ++i) {
    listeners.push_back(ctx.spawn({.placement = {spread}}, listens, notes, count));
    speakers.push_back(ctx.spawn({.placement = {spread}}, speaks, listeners.back(), count));
  }
  co_await banyan::all(speakers);
  long sum = 0;
  for (const long n : co_await banyan::all(listeners)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(talk)

/// Writes down when it comes and goes. Leaves others a moment in which they may come in, too.
long stays(banyan::context& ctx, std::string notes, std::string where) {
  constexpr auto longest = 1ms;
  const std::string number = std::to_string(ctx.fencing_number());
  const auto others = [&notes, in = where + " in "] {
    return std::ranges::count_if(banyan::test::notes_in(notes), [&](const auto& line) { return line.starts_with(in); });
  };
  banyan::test::note(notes, where + " in " + number);
  static_cast<void>(banyan::test::wait_until([&, before = others()] { return others() > before; }, longest));
  banyan::test::note(notes, where + " out " + number);
  return 1;
}
BANYAN_FUNCTION(stays)

banyan::task<long> passes_place_on(banyan::context& ctx, std::string notes) {
  const banyan::future<long> below = ctx.spawn({.queue = "lent", .placement = {spread}}, stays, notes, "lent");
  co_return co_await below;
}
BANYAN_FUNCTION(passes_place_on)

/// Has the one place of a queue, and lends it to one below a child somewhere.
banyan::task<long> lends_over(banyan::context& ctx, std::string notes) {
  const banyan::future<long> below = ctx.spawn({.placement = {spread}}, passes_place_on, notes);
  co_return co_await below;
}
BANYAN_FUNCTION(lends_over)

banyan::task<long> take_turns(banyan::context& ctx, std::string notes, int count) {
  const auto alone = banyan::critical_section("alone", banyan::bind(stays, notes, "one"));
  std::vector<banyan::future<long>> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(ctx.spawn({.placement = {spread}}, alone));
    all.push_back(ctx.spawn({.queue = "two", .placement = {spread}}, stays, notes, "two"));
    if (i % 10 == 0) all.push_back(ctx.spawn({.queue = "lent", .placement = {spread}}, lends_over, notes));
  }
  long sum = 0;
  for (const long n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(take_turns)
long add(long a, long b) { return a + b; }
BANYAN_FUNCTION(add)

banyan::task<long> given(banyan::context& ctx) {
  co_await ctx.receive<bool>("that is all");
  co_return banyan::pending;
}
BANYAN_FUNCTION(given)

/// Until it is done, whatever happens to the others.
template <class Call>
void insist(Call call) {
  for (;;) {
    try {
      call();
      return;
    } catch (const banyan::error& e) {
      const bool passes = e.code() == banyan::errc::store_fenced || e.code() == banyan::errc::timeout ||
                          e.code() == banyan::errc::store_unavailable;
      if (!passes) throw;
    }
  }
}

void adopt_all(banyan::runtime& rt, const std::string& id, int count, const std::string& notes) {
  const banyan::key parent = banyan::runtime::key_of(id);
  for (int i = 0; i < count; ++i) {
    insist([&] { rt.adopt(parent, {.id = std::to_string(i), .placement = {spread}}, leaf, notes); });
  }
  insist([&] { rt.find_handle(parent).send("that is all", true); });
}

void notes_its_time(banyan::context& ctx, const std::string& notes) {
  banyan::test::note(notes, std::to_string(ctx.scheduled_at().time_since_epoch() / 1ms));
}
BANYAN_FUNCTION(notes_its_time)

void begin_schedule(banyan::runtime& rt, const std::string& id, int count, int ms, const std::string& notes) {
  banyan::every_options opts{.id = id, .overlap = banyan::overlap::allow, .catch_up = banyan::catch_up::all};
  opts.times = count;
  opts.run.placement = {spread};
  rt.every(opts, banyan::interval(std::chrono::milliseconds(ms)), notes_its_time, notes);
}

/// All that it may make; and once more that it is refused what is too much.
banyan::task<long> spends_all(banyan::context& ctx, std::string notes, int count) {
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn(leaf, notes));
  long sum = 0;
  for (const long n : co_await banyan::all(children)) sum += n;
  try {
    ctx.spawn(leaf, notes);
  } catch (const banyan::error& e) {
    if (e.code() == banyan::errc::budget_exceeded) co_return sum;
  }
  throw banyan::permanent_failure("there is one more");
}
BANYAN_FUNCTION(spends_all)

bool met(banyan::runtime& rt, int count) {
  try {
    const auto nodes = rt.nodes();
    return std::ranges::count_if(nodes, &banyan::node_info::connected) == count;
  } catch (const banyan::error& e) {
    if (e.code() != banyan::errc::store_fenced && e.code() != banyan::errc::store_unavailable) throw;
    return false;
  }
}

/// Why the nodes have not met.
void say_how_it_stands(banyan::runtime& rt) {
  try {
    for (const banyan::node_info& n : rt.nodes()) {
      std::cerr << n.name << (n.alive ? " lives" : " is gone") << (n.connected ? ", connected" : ", not connected")
                << ", its lease for " << n.lease_left.count() << " ms more\n";
    }
  } catch (const banyan::error& e) {
    std::cerr << e.what() << '\n';
  }
}

banyan::runtime_options options_of(const std::vector<std::string>& words) {
  banyan::runtime_options options{.store = words[1],
                                  .name = words[0],
                                  .threads = 2,
                                  .queues = {{"two", {.concurrency = 2}}, {"lent", {.concurrency = 1}}}};
  options.node.listen = words.size() > 4 ? words[4] : "127.0.0.1:0";
  options.node.insecure = words.size() == 5;
  options.node.lease = std::chrono::milliseconds(std::stoi(words[3]));
  options.node.heartbeat = options.node.lease / 10;
  if (words.size() > 7) {
    options.node.certificate = words[5];
    options.node.key = words[6];
    options.node.ca = words[7];
  }
  return options;
}

template <class T>
T read() {
  T value{};
  std::cin >> value;
  return value;
}

/// False where that is nothing to spawn.
bool spawn(banyan::runtime& rt, const std::string& what, const std::string& notes) {
  static const std::set<std::string> known{"spawn", "map", "talk", "turn", "nap", "every", "given", "spend"};
  if (!known.contains(what)) return false;
  const auto id = read<std::string>();
  const auto count = read<int>();
  if (what == "nap") {
    rt.spawn({.id = id}, nap, count);
  } else if (what == "turn") {
    rt.spawn({.id = id}, take_turns, notes, count);
  } else if (what == "every") {
    begin_schedule(rt, id, count, read<int>(), notes);
  } else if (what == "spend") {
    rt.spawn({.id = id, .budget = {.descendants = count}}, spends_all, notes, count);
  } else if (what == "given") {
    rt.spawn({.id = id, .on_all_children_success = banyan::combine(0L, add)}, given);
  } else if (what == "map") {
    rt.spawn({.id = id}, map_over(static_cast<std::uint64_t>(count), notes));
  } else if (what == "talk") {
    rt.spawn({.id = id}, talk, notes, count, read<int>());
  } else {
    rt.spawn({.id = id}, top, notes, count, read<int>());
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 4) return 2;
  const std::string& notes = words[2];
  banyan::runtime rt{options_of(words)};
  std::cout << "ready" << std::endl;
  for (std::string word; std::cin >> word && word != "leave";) {
    if (word == "meet") {
      const int count = read<int>();
      if (!banyan::test::wait_until([&] { return met(rt, count); })) {
        say_how_it_stands(rt);
        return 1;
      }
      std::cout << "met" << std::endl;
    } else if (word == "adopt") {
      const auto id = read<std::string>();
      adopt_all(rt, id, read<int>(), notes);
      std::cout << "adopted" << std::endl;
    } else if (spawn(rt, word, notes)) {
      std::cout << "spawned" << std::endl;
    }
  }
}
