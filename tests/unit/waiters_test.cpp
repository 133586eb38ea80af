#include "actors/waiters.hpp"

#include <gmock/gmock.h>

#include <barrier>
#include <thread>
#include <vector>

namespace banyan::test {
namespace {

using detail::outcome_ptr;
using detail::waiters;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const key one{{1, 1}, 0};
const key two{{1, 1}, 1};
const outcome_ptr result = detail::make_success("value");

/// Remembers what it is told.
struct listener {
  std::vector<outcome_ptr> told;
  waiters::callback call() {
    return [this](const outcome_ptr& o) { told.push_back(o); };
  }
};

TEST(Waiters, are_told_the_result_once) {
  waiters w;
  listener l;
  w.add(one, l.call());
  EXPECT_THAT(l.told, IsEmpty());
  w.notify(one, result);
  w.notify(one, result);
  w.notify_stalled(one);
  w.notify_all();
  EXPECT_THAT(l.told, ElementsAre(result));
}

TEST(Waiters, are_told_of_what_they_wait_for_only) {
  waiters w;
  listener first, second, other;
  w.add(one, first.call());
  w.add(one, second.call());
  w.add(two, other.call());
  w.notify(one, result);
  EXPECT_THAT(first.told, ElementsAre(result));
  EXPECT_THAT(second.told, ElementsAre(result));
  EXPECT_THAT(other.told, IsEmpty());
}

TEST(Waiters, are_told_nothing_when_they_have_left) {
  waiters w;
  listener stays, leaves;
  w.add(one, stays.call());
  const waiters::id id = w.add(one, leaves.call());
  w.remove(one, id);
  w.notify(one, result);
  EXPECT_THAT(stays.told, ElementsAre(result));
  EXPECT_THAT(leaves.told, IsEmpty());
}

TEST(Waiters, may_leave_when_they_are_gone_or_never_came) {
  waiters w;
  listener l, other;
  const waiters::id id = w.add(one, l.call());
  const waiters::id others = w.add(one, other.call());
  w.notify(one, result);
  w.remove(one, id);
  w.remove(two, others);
  w.add(two, l.call());
  w.remove(two, id);
  w.notify(two, result);
  EXPECT_EQ(l.told.size(), 2u);
}

TEST(Waiters, go_on_waiting_when_what_they_wait_for_is_stalled) {
  waiters w;
  listener l, other;
  w.add(one, l.call());
  w.add(two, other.call());
  w.notify_stalled(one);
  EXPECT_THAT(l.told, ElementsAre(nullptr));
  w.notify(one, result);
  EXPECT_THAT(l.told, ElementsAre(nullptr, result));
  EXPECT_THAT(other.told, IsEmpty());
}

TEST(Waiters, are_all_told_when_the_runtime_stops) {
  waiters w;
  listener l, other;
  w.add(one, l.call());
  w.add(two, other.call());
  w.notify_all();
  EXPECT_THAT(l.told, ElementsAre(nullptr));
  EXPECT_THAT(other.told, ElementsAre(nullptr));
}

TEST(Waiters, are_known_by_what_they_wait_for) {
  waiters w;
  EXPECT_THAT(w.keys(), IsEmpty());
  const waiters::id first = w.add(one, [](const outcome_ptr&) {});
  w.add(one, [](const outcome_ptr&) {});
  w.add(two, [](const outcome_ptr&) {});
  EXPECT_THAT(w.keys(), UnorderedElementsAre(one, two));
  w.remove(one, first);
  EXPECT_THAT(w.keys(), UnorderedElementsAre(one, two));
  w.notify(one, result);
  EXPECT_THAT(w.keys(), ElementsAre(two));
}

TEST(Waiters, may_wait_again_while_they_are_told) {
  waiters w;
  listener again;
  w.add(one, [&](const outcome_ptr&) { w.add(one, again.call()); });
  w.notify(one, result);
  EXPECT_THAT(again.told, IsEmpty());
  w.notify(one, result);
  EXPECT_THAT(again.told, ElementsAre(result));
}

TEST(Waiters, hear_of_a_result_or_find_it_recorded) {
  constexpr int rounds = 2000;
  waiters w;
  std::atomic<bool> recorded{false};
  std::atomic<int> told{0};
  std::barrier both(2);
  std::thread writer([&] {
    for (int i = 0; i < rounds; ++i) {
      both.arrive_and_wait();
      recorded = true;
      w.notify(one, result);
      both.arrive_and_wait();
    }
  });
  int missed = 0;
  for (int i = 0; i < rounds; ++i) {
    recorded = false;
    told = 0;
    both.arrive_and_wait();
    const waiters::id id = w.add(one, [&](const outcome_ptr&) { ++told; });
    const bool found = recorded;
    both.arrive_and_wait();
    if (!found && told != 1) ++missed;
    if (told > 1) ADD_FAILURE() << "told " << told << " times";
    w.remove(one, id);
  }
  writer.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace banyan::test
