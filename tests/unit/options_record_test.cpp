#include <gmock/gmock.h>

#include "messages/handlers.hpp"
#include "messages/record.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

options read_back(const options& written) {
  spec_record spec{.function = "fib", .arguments = "\x90"};
  spec.opts = std::make_shared<options>(written);
  return decode_entry(encode_spec(spec)).spec.settings();
}

void expect_same(const options& a, const options& b) {
  EXPECT_EQ(a.name.str(), b.name.str());
  EXPECT_EQ(a.weight, b.weight);
  EXPECT_EQ(a.retry.max_attempts, b.retry.max_attempts);
  EXPECT_EQ(a.retry.first_delay, b.retry.first_delay);
  EXPECT_EQ(a.retry.factor, b.retry.factor);
  EXPECT_EQ(a.retry.max_delay, b.retry.max_delay);
  EXPECT_EQ(a.retry.jitter, b.retry.jitter);
  EXPECT_EQ(a.retry.child_failures, b.retry.child_failures);
  EXPECT_EQ(a.timeout, b.timeout);
  EXPECT_EQ(a.on_parent_done, b.on_parent_done);
  EXPECT_EQ(a.keep, b.keep);
  EXPECT_EQ(a.retention, b.retention);
  EXPECT_EQ(a.durable, b.durable);
  EXPECT_EQ(a.blocking, b.blocking);
  EXPECT_EQ(a.placement.how, b.placement.how);
  EXPECT_EQ(a.budget.descendants, b.budget.descendants);
  EXPECT_EQ(a.budget.depth, b.budget.depth);
  EXPECT_EQ(a.budget.bytes, b.budget.bytes);
  const auto handlers = handlers_of(a);
  const auto others = handlers_of(b);
  ASSERT_EQ(handlers.size(), others.size());
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    EXPECT_EQ(handlers[i].event, others[i].event);
    EXPECT_EQ(handlers[i].call->call, others[i].call->call);
    EXPECT_EQ(handlers[i].call->retry.max_attempts, others[i].call->retry.max_attempts);
  }
  EXPECT_EQ(a.placement.name.str(), b.placement.name.str());
  EXPECT_EQ(a.queue.str(), b.queue.str());
  EXPECT_EQ(a.queue_key.str(), b.queue_key.str());
  EXPECT_EQ(a.priority, b.priority);
}

handler call_of(const char* function, unsigned attempts) {
  handler_call call{{function, 2, "\x01\x02"}, nullptr, until_success};
  call.retry.max_attempts = attempts;
  return handler(call);
}

class RecordedOptions : public testing::TestWithParam<options> {};

TEST_P(RecordedOptions, Survive) { expect_same(read_back(GetParam()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Each, RecordedOptions,
    testing::Values(options{}, options{.name = "the \"first\" one"}, options{.weight = 0.0}, options{.weight = 1e12},
                    options{.retry = {.max_attempts = 5}}, options{.retry = {.first_delay = milliseconds(1)}},
                    options{.retry = {.factor = 1.5}}, options{.retry = {.max_delay = milliseconds::max()}},
                    options{.retry = {.jitter = 0}}, options{.retry = {.child_failures = true}},
                    options{.timeout = milliseconds(0)}, options{.timeout = milliseconds(86'400'000)},
                    options{.on_parent_done = on_parent_done::cancel},
                    options{.on_parent_done = on_parent_done::detach}, options{.keep = keep::all},
                    options{.keep = keep::failed}, options{.keep = keep::none},
                    options{.retention = std::chrono::seconds(0)}, options{.retention = std::chrono::seconds::max()},
                    options{.durable = false}, options{.blocking = true}, options{.placement = placement::spread()},
                    options{.placement = placement::least_loaded()}, options{.placement = placement::role("gpu")},
                    options{.on_success = call_of("f", 1)}, options{.on_failure = {call_of("f", 2), call_of("g", 3)}},
                    options{.on_progress = call_of("f", 1),
                            .on_all_children_success = call_of("g", 9),
                            .on_all_children_settled = call_of("h", 7)},
                    options{.placement = placement::on("node 7")}, options{.queue = "mail"}, options{.priority = -3},
                    options{.on_success = call_of("f", 1), .queue = "mail", .queue_key = "a b", .priority = 2},
                    options{.budget = {.descendants = 0}},
                    options{.on_success = call_of("f", 1), .budget = {.depth = 7, .bytes = 1 << 20}},
                    options{.name = "all",
                            .weight = 2.5,
                            .retry = {9, milliseconds(10), 3, milliseconds(20), 1, true},
                            .timeout = milliseconds(5),
                            .on_parent_done = on_parent_done::detach,
                            .keep = keep::none,
                            .retention = std::chrono::seconds(90),
                            .durable = false,
                            .blocking = true}));

TEST(OptionsRecord, LeavesOutWhatTheSpecHoldsElsewhere) {
  const options read = read_back(
      {.id = "nightly", .start_after = milliseconds(5), .start_at = system_clock::time_point(milliseconds(7))});
  EXPECT_EQ(read.id, "");
  EXPECT_EQ(read.start_after, std::nullopt);
  EXPECT_EQ(read.start_at, std::nullopt);
}

TEST(OptionsRecord, IsTheDefaultsWhereNoneWereGiven) {
  const entry read = decode_entry(encode_spec({.function = "fib", .arguments = "\x90"}));
  EXPECT_EQ(read.spec.opts, nullptr);
  expect_same(read.spec.settings(), options{});
}

}  // namespace
}  // namespace banyan::detail
