#include "tests/kernel/cluster_fixture.hpp"

/// Processes of one store that wait for the same.
namespace banyan::test {
namespace {

std::atomic<bool> other_had_its_turn{false};

int has_a_turn_of_many(int n) { return n; }
BANYAN_FUNCTION(has_a_turn_of_many)

int has_the_other_turn() {
  other_had_its_turn = true;
  return 1;
}
BANYAN_FUNCTION(has_the_other_turn)

/// One of its children always waits for the key when the one before has ended.
task<int> keeps_a_key_busy(context& ctx) {
  const options keyed{.queue = "keyed", .queue_key = "k"};
  future<int> now = ctx.spawn(keyed, has_a_turn_of_many, 0);
  future<int> next = ctx.spawn(keyed, has_a_turn_of_many, 0);
  int turns = 0;
  while (!other_had_its_turn) {
    co_await now;
    ctx.publish(++turns);
    now = next;
    next = ctx.spawn(keyed, has_a_turn_of_many, 0);
  }
  co_return turns;
}
BANYAN_FUNCTION(keeps_a_key_busy)

class QueueTurns : public Cluster {
 protected:
  runtime& process(const std::string& name) {
    runtime_options o;
    o.name = name;
    o.threads = 2;
    o.queues = {{"keyed", {.key_concurrency = 1}}};
    return start(std::move(o));
  }
};

TEST_F(QueueTurns, a_key_goes_from_one_process_to_the_other) {
  other_had_its_turn = false;
  const auto busy = process("a").spawn(keeps_a_key_busy);
  ASSERT_TRUE(wait_until([&] { return busy.published<int>().value_or(0) > 5; }));
  const auto other = process("b").spawn({.queue = "keyed", .queue_key = "k"}, has_the_other_turn);
  EXPECT_TRUE(other.wait_for(20s)) << "the other process keeps the key";
  other_had_its_turn = true;
  EXPECT_GT(busy.get(), 0);
}

}  // namespace
}  // namespace banyan::test
