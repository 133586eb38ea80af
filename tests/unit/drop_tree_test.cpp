#include <gmock/gmock.h>

#include "messages/family.hpp"
#include "persistence/drop_tree.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/tree_builder.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using test::call_of;
using test::promise_of;
using test::success_of;
using test::thrown_by;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

spec_record kept_for(std::chrono::seconds retention) {
  spec_record spec = call_of("f");
  spec.opts = std::make_shared<options>(options{.retention = retention});
  return spec;
}

class DropTree : public test::EachStore {
 protected:
  DropTree() {
    tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
    earlier_ = tree_.child(root_, 0, call_of("earlier"));
    tree_.step(root_, 0, 2);
    child_ = tree_.child(root_, 1, call_of("child"), 1, 2);
    tree_.child(root_, 2, promise_of("approval"), 1, 2);
    grandchild_ = tree_.child(child_, 0, call_of("grandchild"), 2);
    tree_.result(root_, success_of("\x01", true));
    tree_.result(child_, success_of("\x01", true));
  }

  void commit(std::vector<write>&& writes) {
    std::vector<write_outcome> outcomes(writes.size());
    store_.commit(writes, outcomes);
  }
  write_sink committing() {
    return [this](std::vector<write>&& writes) { commit(std::move(writes)); };
  }
  bool present(const key& k) { return store_.load(k).has_value(); }

  test::tree_builder tree_{store_};
  const key root_ = tree_.root("job", call_of("sort"));
  key earlier_;
  key child_;
  key grandchild_;
};
BANYAN_OVER_EACH_STORE(DropTree);

TEST_P(DropTree, ForgetsAWholeTreeAndItsRoot) {
  tree_.settle_root(root_, 5000);
  EXPECT_EQ(drop_root(store_, root_.family, committing()), 6u);
  EXPECT_FALSE(present(root_) || present(earlier_) || present(child_) || present(grandchild_));
  EXPECT_EQ(store_.header(child_.family), "");
  EXPECT_THAT(store_.roots(false), IsEmpty());
}

TEST_P(DropTree, ForgetsWhatIsBelowAFutureAndKeepsItself) {
  EXPECT_EQ(drop_below(store_, root_, 2, committing()), 5u);
  EXPECT_TRUE(present(root_));
  EXPECT_FALSE(present(earlier_) || present(child_) || present(grandchild_));
  EXPECT_EQ(store_.roots(false).size(), 1u);
}

TEST_P(DropTree, ForgetsASubtreeAlone) {
  EXPECT_EQ(drop_below(store_, child_, 1, committing()), 1u);
  EXPECT_TRUE(present(child_));
  EXPECT_FALSE(present(grandchild_));
}

TEST_P(DropTree, ForgetsTheCallsOfHandlersAndWhatIsBelowThem) {
  auto opts = std::make_shared<options>();
  opts->on_success = handler(handler_call{{"tell", 0, {}}, nullptr, until_success});
  spec_record spec = call_of("told");
  spec.opts = opts;
  const key told = tree_.child(root_, 7, spec, 1, 2);
  const key call = tree_.child(told, 0, call_of("tell"), 2, handlers_attempt);
  const key below = tree_.child(call, 0, call_of("write"), 3);
  EXPECT_EQ(drop_below(store_, root_, 2, committing()), 8u);
  EXPECT_FALSE(present(told) || present(call) || present(below));
}

TEST_P(DropTree, RefusesATreeThatIsNotSettled) {
  const auto never = [](std::vector<write>&&) { ADD_FAILURE() << "nothing is to be dropped"; };
  EXPECT_EQ(thrown_by([&] { drop_root(store_, root_.family, never); }).code(), errc::invalid_argument);
}

TEST_P(DropTree, FindsWhatIsBelowAFutureThatIsForgotten) {
  committing()({{write::what::drop_family, root_.family, 0, 0, {}}});
  EXPECT_EQ(drop_below(store_, root_, 2, committing()), 5u);
  EXPECT_FALSE(present(earlier_) || present(child_) || present(grandchild_));
}

TEST_P(DropTree, SaysWhenThereIsNoSuchTree) {
  EXPECT_EQ(thrown_by([&] { drop_root(store_, {1, 2}, committing()); }).code(), errc::not_found);
}

TEST_P(DropTree, DropsFromTheBottomUp) {
  tree_.settle_root(root_, 5000);
  std::vector<write> all;
  drop_root(store_, root_.family,
            [&](std::vector<write>&& writes) { std::ranges::move(writes, std::back_inserter(all)); });
  std::vector<family_id> order;
  for (const write& w : all) order.push_back(w.family);
  EXPECT_THAT(order, ElementsAre(grandchild_.family, child_.family, earlier_.family, root_.family, root_.family));
  EXPECT_EQ(all.back().kind, write::what::drop_root);
}

TEST_P(DropTree, CanBeTakenUpAgainAfterACrashInTheMiddle) {
  tree_.settle_root(root_, 5000);
  std::vector<write> all;
  drop_root(store_, root_.family, [&](std::vector<write>&& writes) { all = std::move(writes); });
  for (std::size_t done = 0; done < all.size(); ++done) {
    commit({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(done)});
    EXPECT_EQ(store_.roots(false).size(), 1u);
  }
  EXPECT_EQ(drop_root(store_, root_.family, committing()), 0u);
  EXPECT_THAT(store_.roots(false), IsEmpty());
}

TEST_P(DropTree, ForgetsDeepAndWideTreesInBatches) {
  key k = grandchild_;
  for (std::uint32_t level = 3; level <= 5000; ++level) k = tree_.child(k, 0, call_of("f"), level);
  for (std::uint64_t i = 0; i < 1000; ++i) tree_.child(k, i, call_of("leaf"), 5001);
  tree_.settle_root(root_, 5000);
  std::size_t batches = 0;
  drop_root(store_, root_.family, [&](std::vector<write>&& writes) {
    ++batches;
    EXPECT_LE(writes.size(), 256u);
    commit(std::move(writes));
  });
  EXPECT_GT(batches, 10u);
  EXPECT_FALSE(present(k) || present({child_family(k, 1), 999}));
}

TEST_P(DropTree, FindsTheRootsThatSettledByATime) {
  const key other = tree_.root("other", call_of("f"));
  tree_.root("open", call_of("f"));
  tree_.settle_root(root_, 5000);
  tree_.settle_root(other, 6000);
  EXPECT_THAT(roots_settled_by(store_, 4999), IsEmpty());
  EXPECT_THAT(roots_settled_by(store_, 5000), ElementsAre(root_.family));
  EXPECT_EQ(roots_settled_by(store_, 9000).size(), 2u);
}

TEST_P(DropTree, FindsTheRootsWhoseRetentionIsOver) {
  using namespace std::chrono_literals;
  const key shorter = tree_.root("shorter", kept_for(1s));
  const key longer = tree_.root("longer", kept_for(10s));
  const key longest = tree_.root("longest", kept_for(std::chrono::seconds::max()));
  tree_.root("open", kept_for(0s));
  for (const key& k : {root_, shorter, longer, longest}) tree_.settle_root(k, 5000);
  const auto at = [&](millis now, std::chrono::seconds retention = 2s) {
    std::vector<family_id> roots;
    for (const due_root& root : roots_to_forget(store_, now, retention)) roots.push_back(root.family);
    return roots;
  };
  EXPECT_THAT(at(5999), IsEmpty());
  EXPECT_THAT(at(6000), ElementsAre(shorter.family));
  EXPECT_THAT(at(7000), UnorderedElementsAre(shorter.family, root_.family));
  EXPECT_THAT(at(15'000), UnorderedElementsAre(shorter.family, root_.family, longer.family));
  EXPECT_THAT(at(15'000, std::chrono::seconds::max()), UnorderedElementsAre(shorter.family, longer.family));
  EXPECT_EQ(forgotten_at(store_, longer.family, 2s), 15'000);
}

TEST_P(DropTree, LeavesTheRootsThatExpireToTheirStore) {
  using namespace std::chrono_literals;
  if (!store_.expires()) GTEST_SKIP() << "it does not expire records";
  tree_.settle_root(root_, 5000);
  expire_root(store_, root_.family, 1h, committing());
  EXPECT_THAT(roots_to_forget(store_, 1'000'000, 2s), IsEmpty());
  EXPECT_EQ(forgotten_at(store_, root_.family, 2s), std::nullopt);
}

}  // namespace
}  // namespace banyan::detail
