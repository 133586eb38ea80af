#include "persistence/adoption.hpp"

#include <gmock/gmock.h>

#include "messages/family.hpp"
#include "persistence/future_view.hpp"
#include "tests/support/each_store.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::adoption_request;
using testing::ElementsAre;

class Adoption : public testing::Test {
 protected:
  detail::write_outcome commit(const detail::write& w) {
    detail::write_outcome o;
    store_->commit({&w, 1}, {&o, 1});
    return o;
  }
  adoption_request request(const std::string& id, const std::string& arguments = "\x90") {
    return detail::request_adoption(*store_, parent_, id, call(arguments), [this](const auto& w) { return commit(w); });
  }
  void adopt(const adoption_request& r) {
    const key child = detail::answer_to(r.at);
    commit({detail::write::what::spec, child.family, child.index, 0, r.call});
  }
  void refuse(const adoption_request& r) { commit(detail::refusal_of(r.at, {errc::timeout, "too late", {}, {}})); }
  std::optional<detail::adoption_answer> answer(const adoption_request& r) {
    const auto found = store_->load(detail::answer_to(r.at));
    return found ? detail::read_answer(*found) : std::nullopt;
  }
  /// Each as made at another time.
  bytes call(const std::string& arguments) {
    return detail::encode_call({"add", 1}, arguments, ++now_, 0, nullptr, nullptr);
  }

  const std::unique_ptr<detail::store> store_ = detail::open_store("memory:", detail::open_mode::drive, "");
  const key parent_{{1, 2}, 3};
  detail::millis now_ = 0;
};

TEST_F(Adoption, requests_are_numbered_without_gaps_and_their_answers_with_them) {
  for (std::uint64_t n = 0; n < 5; ++n) {
    const adoption_request r = request("");
    EXPECT_EQ(r.at, (key{detail::child_family(parent_, 1), detail::first_request_number + n}));
    EXPECT_EQ(detail::answer_to(r.at), (key{r.at.family, detail::first_adopted_number + n}));
    EXPECT_EQ(detail::request_number(r.at), n);
    EXPECT_EQ(detail::request_number(detail::answer_to(r.at)), n);
    EXPECT_FALSE(answer(r));
  }
}

TEST_F(Adoption, the_first_answer_counts) {
  const adoption_request taken = request("");
  adopt(taken);
  refuse(taken);
  EXPECT_TRUE(answer(taken)->adopted);
  const adoption_request given_up = request("");
  refuse(given_up);
  adopt(given_up);
  EXPECT_FALSE(answer(given_up)->adopted);
  EXPECT_EQ(answer(given_up)->refused_for.message, "too late");
}

TEST_F(Adoption, an_id_stands_for_one_request_unless_that_was_refused) {
  const adoption_request first = request("x");
  EXPECT_EQ(request("x").at, first.at);
  EXPECT_EQ(request("x").call, first.call) << "as it was first";
  EXPECT_NE(request("y").at, first.at);
  EXPECT_FALSE(detail::find_adopted(*store_, parent_, "x", call("\x90"))) << "there is no answer yet";
  refuse(first);
  const adoption_request second = request("x");
  EXPECT_NE(second.at, first.at);
  adopt(second);
  EXPECT_EQ(request("x").at, second.at);
  EXPECT_EQ(detail::find_adopted(*store_, parent_, "x", call("\x90")), detail::answer_to(second.at));
  EXPECT_FALSE(detail::find_adopted(*store_, parent_, "z", call("\x90")));
}

TEST_F(Adoption, an_id_is_not_for_another_call) {
  request("x");
  const error e = thrown_by([&] { request("x", "\x91\x01"); });
  EXPECT_EQ(e.code(), errc::id_conflict);
  EXPECT_THAT(e.message(), testing::HasSubstr("'x' is taken by a call of add with other arguments"));
}

TEST_F(Adoption, what_is_adopted_is_a_child_in_every_attempt_and_nothing_else_is) {
  const auto spec = [&](const key& k, const std::string& function) {
    commit({detail::write::what::spec, k.family, k.index, 0,
            detail::encode_call({function, 1}, "\x90", 1, 0, nullptr, nullptr)});
  };
  spec(parent_, "parent");
  commit({detail::write::what::attempt, parent_.family, parent_.index, 1,
          detail::encode_error({errc::failed, "once", {}, {}})});
  spec({detail::child_family(parent_, 1), 0}, "of the first attempt");
  const key own{detail::child_family(parent_, 2), 0};
  spec(own, "of the second attempt");
  adopt(request(""));
  refuse(request(""));
  const adoption_request last = request("");
  adopt(last);
  request("");
  detail::store_source source(*store_);
  const auto parent = detail::view_future(source, parent_);
  const key first{last.at.family, detail::first_adopted_number};
  EXPECT_THAT(detail::child_keys(source, *parent), ElementsAre(own, first, detail::answer_to(last.at)));
}

TEST_F(Adoption, is_for_calls) {
  detail::record r;
  r.spec = detail::encode_call({"f", 1}, "\x90", 1, 0, nullptr, nullptr);
  detail::check_adopts(parent_, r);
  r.spec = detail::encode_step({});
  EXPECT_EQ(thrown_by([&] { detail::check_adopts(parent_, r); }).code(), errc::invalid_argument);
}

}  // namespace
}  // namespace banyan::test
