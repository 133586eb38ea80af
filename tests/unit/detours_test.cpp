#include "nodes/detours.hpp"

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using namespace detail;
using testing::IsEmpty;

const key some_key{{1, 2}, 3};

std::vector<frame> taken_for(detours& d, incarnation_id node) {
  auto batches = d.take();
  return read_frames(batches[node]);
}

TEST(Detours, are_taken_by_what_may_come_late_in_its_order) {
  detours d;
  d.add(1, attach_frame{some_key, 4});
  d.add(2, here_frame{some_key});
  d.add(1, absent_frame{some_key, 5});
  d.add(1, wish_frame{some_key, "queue", true});
  const auto first = taken_for(d, 1);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(std::get<attach_frame>(first[0]).round, 4u);
  EXPECT_EQ(std::get<absent_frame>(first[1]).round, 5u);
  EXPECT_TRUE(std::get<wish_frame>(first[2]).waits);
  EXPECT_THAT(d.take(), IsEmpty());
}

TEST(Detours, leave_results_to_the_record) {
  detours d;
  d.add(1, done_frame{some_key, make_success("value"), true, 1, 1});
  const auto frames = taken_for(d, 1);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(std::get<recorded_frame>(frames[0]).child, some_key);
  EXPECT_TRUE(std::get<recorded_frame>(frames[0]).settled);
}

TEST(Detours, are_not_for_what_must_not_come_late) {
  detours d;
  d.add(1, place_frame{});
  d.add(1, absent_frame{some_key});
  d.add(1, progress_frame{some_key, 1, 2});
  d.add(1, load_frame{});
  d.add(1, want_frame{});
  d.add(1, wish_frame{some_key, "queue", false});
  d.add(1, refuse_frame{some_key, "section:s"});
  EXPECT_THAT(d.take(), IsEmpty());
}

TEST(Detours, do_not_grow_without_bound) {
  detours d;
  for (int i = 0; i < 100'000; ++i) d.add(1, settled_frame{some_key});
  EXPECT_LT(d.take()[1].size(), detours::most_waiting + 1000);
}

}  // namespace
}  // namespace banyan::test
