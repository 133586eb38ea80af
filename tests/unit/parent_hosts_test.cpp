#include "actors/parent_hosts.hpp"

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using detail::parent_hosts;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParentHosts, are_told_where_the_parent_is) {
  parent_hosts hosts(1);
  EXPECT_TRUE(hosts.ordered_from(1));
  EXPECT_THAT(hosts.all(), ElementsAre(1));
}

TEST(ParentHosts, are_told_where_it_was_too_as_who_asks_last_may_be_who_sent_late) {
  parent_hosts hosts(2);
  EXPECT_TRUE(hosts.ordered_from(1));
  EXPECT_THAT(hosts.all(), ElementsAre(2, 1));
}

TEST(ParentHosts, order_nothing_after_the_parent_has_moved) {
  parent_hosts hosts(1);
  hosts.moved_to(2);
  EXPECT_FALSE(hosts.ordered_from(1)) << "it was on its way";
  EXPECT_TRUE(hosts.ordered_from(2));
  EXPECT_TRUE(hosts.contains(1));
}

TEST(ParentHosts, order_again_once_the_parent_has_come_back) {
  parent_hosts hosts(1);
  hosts.moved_to(2);
  hosts.moved_to(1);
  EXPECT_TRUE(hosts.ordered_from(1));
  EXPECT_FALSE(hosts.ordered_from(2));
}

TEST(ParentHosts, order_again_once_those_that_asked_later_are_lost) {
  parent_hosts hosts(2);
  hosts.ordered_from(1);
  EXPECT_FALSE(hosts.ordered_from(2));
  hosts.lost(1);
  EXPECT_TRUE(hosts.ordered_from(2));
  EXPECT_FALSE(hosts.contains(1));
}

TEST(ParentHosts, begin_anew_when_all_are_lost) {
  parent_hosts hosts(1);
  hosts.lost(1);
  EXPECT_THAT(hosts.all(), IsEmpty());
  EXPECT_TRUE(hosts.ordered_from(3));
  EXPECT_THAT(hosts.all(), ElementsAre(3));
}

}  // namespace
}  // namespace banyan::test
