#include <caf/all.hpp>

#include <banyan/caf.hpp>

#include "actors/actor_host.hpp"
#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

std::atomic<int> started{0};

int plus_one(int n) { return n + 1; }
BANYAN_FUNCTION(plus_one)

task<int> waits(context& ctx) {
  ++started;
  const int n = co_await ctx.spawn(plus_one, 1);
  co_return n + co_await ctx.promise<int>("outside");
}
BANYAN_FUNCTION(waits)

task<int> sleeps_for_ever(context& ctx) {
  ++started;
  co_await ctx.sleep(1h);
  co_return 0;
}
BANYAN_FUNCTION(sleeps_for_ever)

task<int> parent_of_waits(context& ctx) {
  const auto a = ctx.spawn(waits);
  ctx.spawn(sleeps_for_ever);
  co_return co_await a;
}
BANYAN_FUNCTION(parent_of_waits)

class Foreign : public testing::Test, protected restartable {
 protected:
  Foreign() : restartable("sqlite") {
    started = 0;
    runtime_options o;
    o.store = url;
    o.log = [](log_level, std::string_view) {};
    rt_ = make_runtime(system_, std::move(o));
  }

  /// Of one that waits. It may still be on its way from the actor that started it to its own.
  void kill_actor_of(const future_handle& f) {
    ASSERT_TRUE(wait_until([&] { return rt_->engine()->live().actor(f.key()).get() != nullptr; }));
    ::caf::anon_send_exit(actor_of(f), ::caf::exit_reason::kill);
  }

  ::caf::actor_system_config config_;
  ::caf::actor_system system_{config_};
  std::unique_ptr<runtime> rt_;
};

TEST_F(Foreign, a_runtime_lives_in_an_actor_system_that_is_there) {
  EXPECT_EQ(rt_->spawn(plus_one, 1).get(), 2);
  rt_->spawn(sleeps_for_ever);
  ASSERT_TRUE(wait_until([] { return started == 1; }));
  rt_.reset();
  EXPECT_EQ(detail::live_cells(), 0u);
  EXPECT_TRUE(wait_until([] { return detail::live_actors() == 0; }));
}

TEST_F(Foreign, an_actor_answers_for_its_future) {
  const auto job = rt_->spawn(waits);
  rt_->wait_idle();
  ::caf::scoped_actor self(system_);
  const auto speaker = actor_of(job);
  std::string said;
  self->request(speaker, 20s, status_atom::value).receive([&](std::string s) { said = s; }, [](::caf::error&) {});
  EXPECT_EQ(said, "waiting");
  const auto request = self->request(speaker, 20s, get_atom::value);
  rt_->find<int>(job.children()[1].key()).set_value(5);
  auto pending_answer = request;
  pending_answer.receive([&](std::string s) { said = s; }, [](::caf::error&) {});
  EXPECT_EQ(detail::decode<int>(said, "the answer"), 7);
  const auto finished = actor_of(job);
  self->request(finished, 20s, get_atom::value).receive([&](std::string s) { said = s; }, [](::caf::error&) {});
  EXPECT_EQ(detail::decode<int>(said, "the answer"), 7);
  self->request(finished, 20s, status_atom::value).receive([&](std::string s) { said = s; }, [](::caf::error&) {});
  EXPECT_EQ(said, "success");
}

TEST_F(Foreign, an_actor_takes_a_cancellation) {
  const auto job = rt_->spawn(parent_of_waits);
  ASSERT_TRUE(wait_until([] { return started == 2; }));
  ::caf::anon_send(actor_of(job), cancel_atom::value);
  EXPECT_THROW(job.get_for(20s), cancelled);
  EXPECT_TRUE(wait_until([&] { return rt_->roots().front().settled; }));
  for (const auto& child : job.children()) EXPECT_EQ(child.status(), status::cancelled);
  std::string failed;
  ::caf::scoped_actor self(system_);
  self->request(actor_of(job), 20s, get_atom::value)
      .receive([](std::string) {}, [&](::caf::error& e) { failed = system_.render(e); });
  EXPECT_THAT(failed, testing::HasSubstr("cancelled"));
}

TEST_F(Foreign, a_request_that_is_open_at_the_end_of_the_runtime_gets_an_error) {
  const auto job = rt_->spawn(sleeps_for_ever);
  ASSERT_TRUE(wait_until([] { return started == 1; }));
  ::caf::scoped_actor self(system_);
  bool failed = false;
  auto request = self->request(actor_of(job), 20s, get_atom::value);
  self->request(actor_of(job), 20s, status_atom::value).receive([](std::string) {}, [](::caf::error&) {});
  rt_.reset();
  request.receive([](std::string) {}, [&](::caf::error&) { failed = true; });
  EXPECT_TRUE(failed);
}

TEST_F(Foreign, a_future_goes_on_in_another_actor_when_its_own_is_killed) {
  const auto job = rt_->spawn(waits);
  rt_->wait_idle();
  kill_actor_of(job);
  ASSERT_TRUE(wait_until([] { return started == 2; }));
  rt_->wait_idle();
  rt_->find<int>(job.children()[1].key()).set_value(5);
  EXPECT_EQ(job.get_for(20s), 7);
}

task<bool> was_to_start_at_once(context& ctx) {
  ++started;
  const auto first = ctx.now();
  co_await ctx.receive<int>("go");
  co_return ctx.scheduled_at() <= first;
}
BANYAN_FUNCTION(was_to_start_at_once)

TEST_F(Foreign, a_future_was_to_start_when_it_was_also_when_its_actor_was_killed) {
  const auto job = rt_->spawn(was_to_start_at_once);
  rt_->wait_idle();
  kill_actor_of(job);
  ASSERT_TRUE(wait_until([] { return started == 2; }));
  EXPECT_TRUE(job.send("go", 1));
  EXPECT_TRUE(job.get_for(20s));
}

TEST_F(Foreign, a_tree_goes_on_when_any_of_its_actors_are_killed) {
  std::mt19937_64 random(random_seed());
  for (int round = 0; round < 20; ++round) {
    started = 0;
    const auto job = rt_->spawn(parent_of_waits);
    ASSERT_TRUE(wait_until([] { return started >= 2; }));
    for (int i = 0; i < 3; ++i) {
      const auto children = job.children();
      const std::size_t victim = random() % (children.size() + 1);
      ::caf::anon_send_exit(actor_of(victim == 0 ? job : children[victim - 1]), ::caf::exit_reason::kill);
    }
    ASSERT_TRUE(wait_until([&] {
      const auto children = job.children();
      return children.size() == 2 && children[0].children().size() == 2;
    }));
    EXPECT_TRUE(rt_->find<int>(job.children()[0].children()[1].key()).set_value(5));
    EXPECT_EQ(job.get_for(20s), 7);
    EXPECT_TRUE(job.children()[1].cancel());
    EXPECT_TRUE(wait_until([&] { return rt_->roots({.status = status::success}).back().settled; }));
    rt_->wait_idle();
    rt_->forget(job.key());
  }
}

TEST_F(Foreign, a_future_whose_actors_die_again_and_again_fails) {
  const auto job = rt_->spawn(sleeps_for_ever);
  // One that has just started may have no actor of its own yet: then it is a speaker that dies.
  ASSERT_TRUE(wait_until([&] {
    ::caf::anon_send_exit(actor_of(job), ::caf::exit_reason::kill);
    return job.ready();
  }));
  EXPECT_EQ(started, 6);
  EXPECT_EQ(code_of([&] { job.get_for(20s); }), errc::crash_loop);
}

}  // namespace
}  // namespace banyan::test
