#include "actors/admission.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/lives.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using detail::admission;
using detail::life_ptr;
using detail::ticket;
using detail::ticket_ptr;
using testing::ElementsAre;
using testing::IsEmpty;
using lane = admission::lane;

/// Admits futures and keeps the room of those that were started until a test ends them.
class Admission : public testing::Test {
 protected:
  struct running {
    ticket_ptr what;
    admission::room room;
  };

  /// Futures are named by their index.
  static ticket_ptr root(std::uint64_t name) {
    auto t = std::make_unique<ticket>();
    t->self = {{1, 1}, name};
    return t;
  }
  static ticket_ptr child(const life_ptr& parent, std::uint64_t name) {
    ticket_ptr t = root(name);
    t->parent = parent;
    return t;
  }

  void push_roots(std::uint64_t first, std::uint64_t last, lane l = lane::normal) {
    for (std::uint64_t name = first; name <= last; ++name) gate_.push(root(name), l);
  }

  std::vector<std::uint64_t> started() const {
    std::vector<std::uint64_t> names;
    for (const running& r : running_) names.push_back(r.what->self.index);
    return names;
  }

  /// Ends the future that started as number `n`.
  void end(std::size_t n) { running_[n].room.give_back(); }

  lives lives_;
  std::deque<running> running_;
  admission gate_{{2, 1, 1}, [this](ticket_ptr t, admission::room r) {
                    running_.push_back({std::move(t), std::move(r)});
                  }};

  ~Admission() override {
    gate_.close();
    // Room refers to its gate.
    running_.clear();
  }
};

TEST_F(Admission, starts_no_more_than_there_is_room_for) {
  push_roots(1, 5);
  EXPECT_THAT(started(), ElementsAre(1, 2));
}

TEST_F(Admission, starts_the_next_one_when_room_is_given_back) {
  push_roots(1, 4);
  end(0);
  EXPECT_THAT(started(), ElementsAre(1, 2, 3));
  end(2);
  EXPECT_THAT(started(), ElementsAre(1, 2, 3, 4));
  end(1);
  end(3);
  push_roots(5, 7);
  EXPECT_THAT(started(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(Admission, takes_room_back_once) {
  push_roots(1, 4);
  EXPECT_TRUE(running_[0].room);
  end(0);
  EXPECT_FALSE(running_[0].room);
  end(0);
  EXPECT_THAT(started(), ElementsAre(1, 2, 3));
}

TEST_F(Admission, gives_room_to_one_owner_at_a_time) {
  push_roots(1, 3);
  {
    const admission::room moved = std::move(running_[0].room);
    EXPECT_FALSE(running_[0].room);  // NOLINT(bugprone-use-after-move): what is left of it is the point
    end(0);
    EXPECT_THAT(started(), ElementsAre(1, 2));
  }
  EXPECT_THAT(started(), ElementsAre(1, 2, 3));
}

TEST_F(Admission, has_lanes_that_do_not_wait_for_each_other) {
  push_roots(1, 3);
  push_roots(11, 12, lane::blocking);
  EXPECT_THAT(started(), ElementsAre(1, 2, 11));
  end(2);
  EXPECT_THAT(started(), ElementsAre(1, 2, 11, 12));
  end(0);
  EXPECT_THAT(started(), ElementsAre(1, 2, 11, 12, 3));
}

TEST_F(Admission, starts_suspects_one_at_a_time) {
  push_roots(1, 3, lane::suspect);
  EXPECT_THAT(started(), ElementsAre(1));
  end(0);
  EXPECT_THAT(started(), ElementsAre(1, 2));
  end(1);
  EXPECT_THAT(started(), ElementsAre(1, 2, 3));
}

TEST_F(Admission, is_fair_between_trees_and_goes_deep_first_within_one) {
  const life_ptr a = lives_.root();
  const life_ptr below_a = lives_.child(a);
  const life_ptr b = lives_.root();
  push_roots(1, 2);
  gate_.push(child(a, 3), lane::normal);
  gate_.push(child(below_a, 4), lane::normal);
  gate_.push(child(a, 5), lane::normal);
  gate_.push(child(b, 6), lane::normal);
  gate_.push(child(b, 7), lane::normal);
  for (std::size_t n = 0; n < 5; ++n) end(n);
  EXPECT_THAT(started(), ElementsAre(1, 2, 4, 6, 3, 7, 5));
}

TEST_F(Admission, starts_nothing_more_when_it_is_closed) {
  push_roots(1, 4);
  gate_.close();
  end(0);
  push_roots(5, 6);
  EXPECT_THAT(started(), ElementsAre(1, 2));
}

TEST_F(Admission, frees_what_waits_when_it_is_closed) {
  push_roots(1, 2);
  const auto opts = std::make_shared<const options>();
  ticket_ptr t = root(3);
  t->opts = opts;
  gate_.push(std::move(t), lane::normal);
  EXPECT_EQ(opts.use_count(), 2);
  gate_.close();
  EXPECT_EQ(opts.use_count(), 1);
}

TEST_F(Admission, knows_who_has_been_running_since_before) {
  const life_ptr early = lives_.root();
  const life_ptr late = lives_.root();
  early->started = 1000;
  late->started = 2000;
  push_roots(1, 2);
  push_roots(11, 11, lane::blocking);
  EXPECT_THAT(gate_.running_since(9000), IsEmpty());
  running_[0].room.occupy(late);
  running_[2].room.occupy(early);
  EXPECT_THAT(gate_.running_since(1000), IsEmpty());
  ASSERT_EQ(gate_.running_since(2000).size(), 1u);
  EXPECT_EQ(gate_.running_since(2000)[0].get(), early.get());
  EXPECT_EQ(gate_.running_since(2001).size(), 2u);
  end(2);
  EXPECT_EQ(gate_.running_since(9000).size(), 1u);
}

TEST_F(Admission, forgets_who_was_running_when_the_next_one_takes_the_room) {
  push_roots(1, 3);
  running_[0].room.occupy(lives_.root());
  EXPECT_EQ(gate_.running_since(1).size(), 1u);
  end(0);
  EXPECT_EQ(started().size(), 3u);
  EXPECT_THAT(gate_.running_since(1), IsEmpty());
}

TEST(AdmissionQueue, starts_any_number_that_end_at_once) {
  std::size_t started = 0;
  admission::room first;
  admission gate({1, 1, 1}, [&](ticket_ptr, admission::room r) {
    if (++started == 1) first = std::move(r);
  });
  constexpr std::size_t many = 100'000;
  for (std::size_t i = 0; i < many; ++i) gate.push(std::make_unique<ticket>(), lane::normal);
  EXPECT_EQ(started, 1u);
  first.give_back();
  EXPECT_EQ(started, many);
}

TEST(AdmissionQueue, starts_each_once_within_its_limits_from_many_threads) {
  constexpr int threads = 4;
  constexpr int each = 2000;
  constexpr int limit = 3;
  std::atomic<int> started{0};
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::mutex mutex;
  std::vector<admission::room> held;
  admission gate({limit, 1, 1}, [&](ticket_ptr, admission::room r) {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    ++started;
    const std::lock_guard lock(mutex);
    held.push_back(std::move(r));
  });
  const auto end_one = [&] {
    admission::room ended;
    const std::lock_guard lock(mutex);
    if (held.empty()) return;
    ended = std::move(held.back());
    held.pop_back();
    --running;
  };
  std::vector<std::thread> pushers;
  for (int t = 0; t < threads; ++t) {
    pushers.emplace_back([&] {
      for (int i = 0; i < each; ++i) {
        gate.push(std::make_unique<ticket>(), lane::normal);
        end_one();
      }
    });
  }
  for (std::thread& p : pushers) p.join();
  EXPECT_TRUE(wait_until([&] {
    end_one();
    return started == threads * each;
  }));
  EXPECT_LE(most, limit);
  held.clear();
}

}  // namespace
}  // namespace banyan::test
