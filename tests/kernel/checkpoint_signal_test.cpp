#include "messages/checkpoint.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

/// Signals of functions that go on from a checkpoint.
namespace banyan::test {
namespace {

constexpr int pieces = 20;

/// Counts the pieces until it is told that there are no more.
task<int> counts_pieces(context& ctx) {
  for (int n = 0;; ++n) {
    if (co_await ctx.receive<int>("piece") < 0) co_return n;
  }
}
BANYAN_FUNCTION(counts_pieces)

/// Where the loop is left for the first time: before its third piece is told of, after that, or when it is kept.
enum class left { before, told, kept };
std::atomic<left> leaves{left::before};
std::atomic<bool> has_left{false};

/// The same words each time.
int tells_of_pieces(context& ctx, const future<int>& to) {
  const auto leave_at = [&](int at, left when) {
    if (at != 3 || leaves != when || has_left.exchange(true)) return;
    if (ctx.attempt() == 1) throw std::runtime_error("left");
  };
  for (int at = ctx.restore<int>().value_or(0); at < pieces;) {
    leave_at(at, left::before);
    to.send("piece", 1);
    leave_at(at, left::told);
    ctx.checkpoint(++at);
    leave_at(at, left::kept);
  }
  to.send("piece", -1);
  return pieces;
}
BANYAN_FUNCTION(tells_of_pieces)

/// Stays in the middle, with a piece told of that is not kept, until it is run by another runtime.
std::atomic<bool> stays{true};
std::atomic<bool> half_way{false};
int tells_and_stays(context& ctx, const future<int>& to) {
  for (int at = ctx.restore<int>().value_or(0); at < pieces; ctx.checkpoint(++at)) {
    to.send("piece", 1);
    half_way = half_way || at == pieces / 2;
    while (at == pieces / 2 && stays) ctx.check_cancelled();
  }
  to.send("piece", -1);
  return pieces;
}
BANYAN_FUNCTION(tells_and_stays)

class CheckpointSignals : public Kernel {};

TEST_P(CheckpointSignals, are_sent_once_by_the_next_attempt) {
  for (const left when : {left::before, left::told, left::kept}) {
    leaves = when;
    has_left = false;
    const auto to = rt().spawn(counts_pieces);
    const auto from = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, tells_of_pieces, to);
    EXPECT_EQ(from.get_for(20s), pieces);
    EXPECT_EQ(to.get_for(20s), pieces) << static_cast<int>(when);
  }
}

class CheckpointSignalsAfterARestart : public Kernel {};

TEST_P(CheckpointSignalsAfterARestart, are_sent_once) {
  stays = true;
  half_way = false;
  const auto to = rt().spawn(counts_pieces);
  rt().spawn({.blocking = true}, tells_and_stays, to);
  ASSERT_TRUE(wait_until([] { return half_way.load(); }));
  const key counts = to.key();
  stop();
  stays = false;
  EXPECT_EQ(rt().find<int>(counts).get_for(20s), pieces);
}

BANYAN_OVER_EACH_STORE(CheckpointSignals);
BANYAN_OVER_SHARED_STORES(CheckpointSignalsAfterARestart);

TEST(CheckpointRecord, holds_a_part_where_there_is_one) {
  const bytes state = detail::encode(std::string("state"));
  EXPECT_EQ(detail::encode_checkpoint(0, state), state);
  for (const std::uint64_t part : {0u, 1u, 200u, 70'000u}) {
    const detail::checkpoint_record there{part, state};
    EXPECT_EQ(detail::decode_checkpoint(detail::encode_checkpoint(part, state)), there);
  }
  EXPECT_EQ(code_of([] { detail::decode_checkpoint("\xC1"); }), errc::corrupt_record);
}

}  // namespace
}  // namespace banyan::test
