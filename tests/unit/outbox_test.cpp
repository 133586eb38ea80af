#include "nodes/outbox.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using namespace detail;

const key child{{1, 2}, 3};

done_frame done_with(std::size_t size) { return {child, make_success(bytes(size, 'x')), true, 1, 1}; }

TEST(Outbox, gives_what_was_added_in_one_batch) {
  outbox box;
  EXPECT_TRUE(box.add(attach_frame{child}));
  EXPECT_FALSE(box.add(here_frame{child}));
  EXPECT_EQ(read_frames(box.take()).size(), 2u);
  EXPECT_TRUE(box.is_empty());
  EXPECT_TRUE(box.take().empty());
}

TEST(Outbox, sends_no_more_than_its_window_before_something_is_acknowledged) {
  outbox box;
  box.add(done_with(outbox::window));
  const bytes sent = box.take();
  EXPECT_GE(sent.size(), outbox::window);
  box.add(settled_frame{child});
  EXPECT_TRUE(box.take().empty());
  EXPECT_FALSE(box.is_empty());
  box.acknowledged(sent.size());
  EXPECT_EQ(read_frames(box.take()).size(), 1u);
}

TEST(Outbox, leaves_values_to_the_record_when_it_is_full) {
  outbox box;
  box.add(done_with(outbox::most_waiting + 1));
  ASSERT_TRUE(box.is_full());
  for (int i = 0; i < 1000; ++i) box.add(done_with(100'000));
  box.add(done_with(10));
  const auto frames = read_frames(box.take());
  ASSERT_EQ(frames.size(), 1002u);
  EXPECT_TRUE(std::holds_alternative<done_frame>(frames.front()));
  EXPECT_TRUE(std::get<recorded_frame>(frames.at(1)).settled);
  EXPECT_EQ(std::get<recorded_frame>(frames.at(1)).child, child);
  EXPECT_TRUE(std::holds_alternative<done_frame>(frames.back()));
}

TEST(Outbox, drops_progress_when_it_is_full) {
  outbox box;
  box.add(done_with(outbox::most_waiting + 1));
  for (int i = 0; i < 1000; ++i) box.add(progress_frame{child, 1, 2});
  EXPECT_EQ(read_frames(box.take()).size(), 1u);
}

}  // namespace
}  // namespace banyan::test
