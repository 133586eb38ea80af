#include <gtest/gtest.h>

#include <thread>

#include "actors/life.hpp"
#include "tests/support/lives.hpp"

namespace banyan::test {
namespace {

using detail::life_ptr;
using policy = on_parent_done;

const error_info not_wanted{errc::cancelled, "no longer wanted"};

class Stopping : public testing::Test {
 protected:
  /// What becomes of a child with this policy when its parent, a root, has a result.
  bool stops(policy p, status parents) {
    const life_ptr root = lives_.root();
    const life_ptr child = lives_.child(root, p);
    root->set_done(parents, true);
    return child->must_stop();
  }

  lives lives_;
  const life_ptr root_ = lives_.root();
  const life_ptr child_ = lives_.child(root_);
  const life_ptr grandchild_ = lives_.child(child_);
};

TEST_F(Stopping, takes_a_reason) {
  for (const life_ptr& l : {root_, child_, grandchild_}) EXPECT_FALSE(l->must_stop());
}

TEST_F(Stopping, goes_down_and_not_up) {
  child_->request_stop(not_wanted);
  EXPECT_FALSE(root_->must_stop());
  EXPECT_TRUE(child_->must_stop());
  EXPECT_TRUE(grandchild_->must_stop());
  EXPECT_FALSE(lives_.child(root_)->must_stop());
}

TEST_F(Stopping, goes_on_being_asked_for) {
  root_->request_stop(not_wanted);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(root_->must_stop());
    EXPECT_TRUE(grandchild_->must_stop());
  }
}

TEST_F(Stopping, reaches_what_is_made_after_it) {
  root_->request_stop(not_wanted);
  EXPECT_TRUE(lives_.child(lives_.child(root_))->must_stop());
}

TEST_F(Stopping, is_noticed_after_any_number_of_looks_and_of_others_stops) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(grandchild_->must_stop());
    lives_.root()->request_stop(not_wanted);
  }
  EXPECT_FALSE(grandchild_->must_stop());
  root_->request_stop(not_wanted);
  EXPECT_TRUE(grandchild_->must_stop());
}

TEST_F(Stopping, follows_the_childs_policy_when_its_parent_is_done) {
  EXPECT_FALSE(stops(policy::follow, status::success));
  EXPECT_TRUE(stops(policy::follow, status::failure));
  EXPECT_TRUE(stops(policy::follow, status::cancelled));
  EXPECT_TRUE(stops(policy::cancel, status::success));
  EXPECT_TRUE(stops(policy::cancel, status::failure));
  EXPECT_TRUE(stops(policy::cancel, status::cancelled));
  EXPECT_FALSE(stops(policy::detach, status::success));
  EXPECT_FALSE(stops(policy::detach, status::failure));
  EXPECT_FALSE(stops(policy::detach, status::cancelled));
}

TEST_F(Stopping, passes_through_a_parent_that_succeeded) {
  child_->set_done(status::success, true);
  EXPECT_FALSE(grandchild_->must_stop());
  root_->set_done(status::failure, true);
  EXPECT_TRUE(grandchild_->must_stop());
}

TEST_F(Stopping, passes_from_a_child_that_ends_with_its_parent_to_what_is_below_it) {
  const life_ptr bound = lives_.child(root_, policy::cancel);
  const life_ptr below = lives_.child(bound);
  root_->set_done(status::success, true);
  EXPECT_TRUE(below->must_stop());
  EXPECT_FALSE(grandchild_->must_stop());
}

TEST_F(Stopping, ends_at_a_detached_child) {
  const life_ptr detached = lives_.child(root_, policy::detach);
  const life_ptr below = lives_.child(detached);
  root_->request_stop(not_wanted);
  root_->set_done(status::cancelled, true);
  EXPECT_FALSE(detached->must_stop());
  EXPECT_FALSE(below->must_stop());
  detached->request_stop(not_wanted);
  EXPECT_TRUE(detached->must_stop());
  EXPECT_TRUE(below->must_stop());
}

TEST_F(Stopping, reaches_the_children_of_earlier_attempts) {
  const life_ptr detached = lives_.child(root_, policy::detach);
  root_->set_attempt(2);
  const life_ptr second = lives_.child(root_, policy::follow, 2);
  EXPECT_TRUE(child_->must_stop());
  EXPECT_TRUE(grandchild_->must_stop());
  EXPECT_FALSE(second->must_stop());
  EXPECT_FALSE(detached->must_stop());
  EXPECT_FALSE(root_->must_stop());
  root_->set_attempt(3);
  EXPECT_TRUE(second->must_stop());
}

TEST_F(Stopping, reaches_a_child_that_was_revoked_and_no_other) {
  const life_ptr other = lives_.child(root_);
  root_->revoke_child(1, child_->self.index);
  EXPECT_TRUE(child_->must_stop());
  EXPECT_TRUE(grandchild_->must_stop());
  EXPECT_FALSE(other->must_stop());
  EXPECT_FALSE(root_->must_stop());
}

TEST_F(Stopping, reaches_a_detached_child_that_was_itself_revoked) {
  const life_ptr detached = lives_.child(root_, policy::detach);
  root_->revoke_child(1, detached->self.index);
  EXPECT_TRUE(detached->must_stop());
}

TEST_F(Stopping, of_a_revoked_child_leaves_the_next_attempts_child_of_its_number) {
  root_->revoke_child(1, 7);
  EXPECT_TRUE(root_->child_revoked(1, 7));
  root_->set_attempt(2);
  EXPECT_FALSE(root_->child_revoked(2, 7));
  EXPECT_TRUE(root_->child_revoked(1, 7));
}

TEST_F(Stopping, counts_up_the_epoch_so_that_all_look_again) {
  std::uint64_t before = lives_.epoch;
  const auto counted_up = [&] { return std::exchange(before, lives_.epoch.load()) < lives_.epoch; };
  root_->request_stop(not_wanted);
  EXPECT_TRUE(counted_up());
  root_->set_attempt(2);
  EXPECT_TRUE(counted_up());
  root_->revoke_child(1, 7);
  EXPECT_TRUE(counted_up());
  root_->set_done(status::failure, true);
  EXPECT_TRUE(counted_up());
  child_->set_done(status::success, false);
  EXPECT_FALSE(counted_up());
}

TEST_F(Stopping, keeps_the_reason_that_was_given_first) {
  root_->request_stop(not_wanted);
  root_->request_stop({errc::timeout, "too late"});
  EXPECT_EQ(root_->stop_reason().message, "no longer wanted");
}

TEST_F(Stopping, has_the_nearest_reason) {
  root_->request_stop({errc::timeout, "too late"});
  EXPECT_EQ(child_->stop_reason().code, errc::timeout);
  child_->request_stop(not_wanted);
  EXPECT_EQ(child_->stop_reason().code, errc::cancelled) << "its own goes before one from above";
  EXPECT_EQ(grandchild_->stop_reason().code, errc::cancelled);
  EXPECT_EQ(root_->stop_reason().code, errc::timeout);
}

TEST_F(Stopping, keeps_the_reason_that_it_has_heard) {
  root_->request_stop({errc::timeout, "too late"});
  EXPECT_EQ(grandchild_->stop_reason().code, errc::timeout);
  child_->request_stop(not_wanted);
  EXPECT_EQ(grandchild_->stop_reason().code, errc::timeout);
  child_->request_stop({errc::timeout, "too late again"});
  EXPECT_EQ(child_->stop_reason().code, errc::cancelled) << "the first one counts";
}

TEST_F(Stopping, without_a_reason_is_a_cancellation_of_its_own) {
  root_->set_done(status::failure, true);
  const error_info why = child_->stop_reason();
  EXPECT_EQ(why.code, errc::cancelled);
  EXPECT_EQ(why.origin, child_->self);
}

TEST_F(Stopping, is_seen_at_once_by_those_who_look_while_it_happens) {
  for (int round = 0; round < 200; ++round) {
    const life_ptr root = lives_.root();
    const life_ptr leaf = lives_.child(lives_.child(root));
    std::thread looks([&] {
      while (!leaf->must_stop()) std::this_thread::yield();
    });
    // Others' stops, so that the leaf looks up the tree all the time.
    for (int i = 0; i < 20; ++i) child_->request_stop(not_wanted);
    root->request_stop(not_wanted);
    EXPECT_TRUE(leaf->must_stop());
    looks.join();
  }
}

}  // namespace
}  // namespace banyan::test
