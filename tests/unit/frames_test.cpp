#include "messages/frames.hpp"

#include <random>

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using namespace detail;

const key some_key{{0xFFFF'FFFF'FFFF'FFFFull, 1}, 0xFFFF'FFFF'FFFF'FFFFull};

bytes batch_of(const std::vector<frame>& frames) {
  bytes batch;
  for (const frame& f : frames) append_frame(batch, f);
  return batch;
}

TEST(Frames, a_child_that_is_sent_away_comes_as_it_was) {
  place_frame f{some_key, {{3, 4}, 5},        6, 7, {8, 9}, keep::failed, 7, {"q", "section:s"}, -10,
                true,     bytes("spec\0x", 6)};
  const auto read = std::get<place_frame>(read_frames(batch_of({f})).at(0));
  EXPECT_EQ(read.child, f.child);
  EXPECT_EQ(read.parent, f.parent);
  EXPECT_EQ(read.attempt, f.attempt);
  EXPECT_EQ(read.level, f.level);
  EXPECT_EQ(read.root, f.root);
  EXPECT_EQ(read.keep, f.keep);
  EXPECT_EQ(read.priority, f.priority);
  EXPECT_EQ(read.queues, f.queues);
  EXPECT_EQ(read.age, f.age);
  EXPECT_EQ(read.again, f.again);
  EXPECT_EQ(read.spec, f.spec);
}

TEST(Frames, results_of_all_kinds_come_as_they_were) {
  const error_info why{errc::timeout, "too late", "f", some_key};
  for (const outcome_ptr& o : {make_success("\xc0"), make_failure(why), make_cancelled(why)}) {
    const auto read = std::get<done_frame>(read_frames(batch_of({done_frame{some_key, o, true, 0.1, 1e300}})).at(0));
    EXPECT_EQ(read.child, some_key);
    EXPECT_EQ(read.result->status, o->status);
    EXPECT_EQ(read.result->value, o->value);
    if (!o->ok()) {
      EXPECT_EQ(read.result->failure->code, why.code);
      EXPECT_EQ(read.result->failure->message, why.message);
      EXPECT_EQ(read.result->failure->origin, why.origin);
    }
    EXPECT_TRUE(read.settled);
    EXPECT_EQ(read.calculated, 0.1);
    EXPECT_EQ(read.weight, 1e300);
  }
}

std::vector<frame> one_of_each() {
  const error_info why{errc::cancelled, "why", {}, some_key};
  return {place_frame{some_key, some_key, 1, 1, {}, keep::all, 0, {}, 0, false, "spec"},
          attach_frame{some_key, 5},
          here_frame{some_key},
          absent_frame{some_key, 6},
          done_frame{some_key, make_success("\x01"), false, 0, 1},
          settled_frame{some_key},
          progress_frame{some_key, 1, 2},
          stop_frame{some_key, why},
          noticed_frame{some_key},
          load_frame{1, 2},
          want_frame{3},
          drive_frame{{4, 5}},
          halt_frame{6, some_key, why},
          halted_frame{7, some_key},
          recorded_frame{some_key, true},
          wish_frame{some_key, "queue", false},
          refuse_frame{some_key, "section:s"}};
}

TEST(Frames, a_batch_keeps_kinds_and_order) {
  const std::vector<frame> sent = one_of_each();
  ASSERT_EQ(sent.size(), std::variant_size_v<frame>);
  const std::vector<frame> read = read_frames(batch_of(sent));
  ASSERT_EQ(read.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(read[i].index(), sent[i].index());
    bytes before;
    bytes after;
    append_frame(before, sent[i]);
    append_frame(after, read[i]);
    EXPECT_EQ(before, after) << "kind " << i;
  }
}

TEST(Frames, what_is_cut_off_is_refused) {
  const bytes batch = batch_of(one_of_each());
  std::size_t refused = 0;
  for (std::size_t n = 1; n < batch.size(); ++n) {
    try {
      read_frames(std::string_view(batch).substr(0, n));
    } catch (const error& e) {
      EXPECT_EQ(e.code(), errc::bad_payload);
      ++refused;
    }
  }
  EXPECT_EQ(refused, batch.size() - one_of_each().size());
}

TEST(Frames, what_is_damaged_is_refused_or_read_but_never_more) {
  std::mt19937 random(7);
  const bytes batch = batch_of(one_of_each());
  for (int i = 0; i < 20'000; ++i) {
    bytes damaged = batch;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
    try {
      read_frames(damaged);
    } catch (const error& e) {
      EXPECT_EQ(e.code(), errc::bad_payload) << e.what();
    }
  }
}

}  // namespace
}  // namespace banyan::test
