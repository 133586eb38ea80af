#include "actors/guests.hpp"

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using namespace detail;
using testing::ElementsAre;

constexpr incarnation_id first_host = 7;
constexpr incarnation_id second_host = 8;

class Guests : public testing::Test {
 protected:
  static place_frame order(std::uint64_t index) {
    place_frame f;
    f.child = {{1, 2}, index};
    f.parent = {{3, 4}, 0};
    f.root = {3, 4};
    return f;
  }
  std::vector<incarnation_id> hosts_of(std::uint64_t index) const {
    return guests_.parent_of(order(index).child)->far->hosts.all();
  }

  stop_epoch epoch_{1};
  guests guests_{epoch_};
};

TEST_F(Guests, come_once) {
  EXPECT_TRUE(guests_.receive(order(0), first_host));
  EXPECT_FALSE(guests_.receive(order(0), first_host));
  EXPECT_TRUE(guests_.receive(order(1), first_host));
  guests_.depart(order(0).child);
  EXPECT_FALSE(guests_.parent_of(order(0).child));
  EXPECT_TRUE(guests_.receive(order(0), first_host));
}

TEST_F(Guests, have_their_parent_where_it_asked_from_last_and_where_it_was) {
  guests_.receive(order(0), first_host);
  guests_.receive(order(1), first_host);
  EXPECT_TRUE(guests_.move_parent(order(0).child, second_host));
  EXPECT_THAT(hosts_of(1), ElementsAre(first_host, second_host));
  EXPECT_FALSE(guests_.move_parent(order(5).child, first_host)) << "it is not here";
  EXPECT_THAT(hosts_of(1), ElementsAre(second_host, first_host));
}

TEST_F(Guests, do_not_come_by_an_order_from_where_their_parent_was) {
  guests_.receive(order(0), first_host);
  guests_.move_parent(order(0).child, second_host);
  EXPECT_FALSE(guests_.receive(order(1), first_host)) << "it was on its way when the parent moved";
  EXPECT_FALSE(guests_.parent_of(order(1).child));
  EXPECT_TRUE(guests_.receive(order(1), second_host));
}

TEST_F(Guests, do_not_come_when_another_asked_for_them_before) {
  EXPECT_FALSE(guests_.move_parent(order(0).child, second_host));
  EXPECT_FALSE(guests_.receive(order(0), first_host));
  EXPECT_TRUE(guests_.receive(order(0), second_host));
}

TEST_F(Guests, do_not_come_late_when_their_siblings_have_gone) {
  guests_.receive(order(0), first_host);
  guests_.move_parent(order(0).child, second_host);
  guests_.depart(order(0).child);
  EXPECT_FALSE(guests_.receive(order(1), first_host));
  EXPECT_TRUE(guests_.receive(order(1), second_host));
}

TEST_F(Guests, forget_where_their_parents_were_when_that_is_lost) {
  guests_.receive(order(0), first_host);
  guests_.move_parent(order(0).child, second_host);
  guests_.lost(first_host);
  EXPECT_THAT(hosts_of(0), ElementsAre(second_host));
}

}  // namespace
}  // namespace banyan::test
