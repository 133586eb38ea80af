#include "actors/stalls.hpp"

#include <gtest/gtest.h>

#include "tests/support/lives.hpp"

namespace banyan::test {
namespace {

using detail::life_ptr;

class Stalls : public testing::Test {
 protected:
  life_ptr stalled(const life_ptr& l, const char* why) {
    l->park({errc::nondeterminism, why, {}, l->self});
    stalls_.add(l);
    return l;
  }
  std::string why(const life_ptr& l) {
    const auto found = stalls_.find(l->self);
    return found ? found->message : "";
  }

  lives lives_;
  detail::stalls stalls_;
  const life_ptr root_ = lives_.root();
  const life_ptr child_ = lives_.child(root_);
};

TEST_F(Stalls, hold_back_all_that_is_above) {
  stalled(lives_.child(child_), "differs");
  EXPECT_EQ(why(root_), "differs");
  EXPECT_EQ(why(child_), "differs");
  EXPECT_EQ(why(lives_.child(root_)), "");
}

TEST_F(Stalls, end_with_a_result_from_outside) {
  const life_ptr leaf = stalled(lives_.child(child_), "differs");
  leaf->status.store(status::success);
  EXPECT_EQ(why(leaf), "");
  EXPECT_EQ(why(root_), "");
}

TEST_F(Stalls, leave_the_others_when_one_is_removed) {
  const life_ptr first = stalled(lives_.child(child_), "first");
  stalled(lives_.child(root_), "second");
  stalls_.remove(*first);
  EXPECT_EQ(why(child_), "");
  EXPECT_EQ(why(root_), "second");
}

}  // namespace
}  // namespace banyan::test
