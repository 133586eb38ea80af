#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/side_effects.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

std::string keeps_noting(context& ctx, std::string path) {
  note(path, ctx.key().str() + " " + std::to_string(ctx.attempt()));
  return ctx.key().str();
}
BANYAN_FUNCTION(keeps_noting)

std::string dies_twice(context& ctx, std::string path) {
  const std::string k = keeps_noting(ctx, path);
  if (notes_in(path).size() < 3) ::kill(::getpid(), SIGKILL);
  return k;
}
BANYAN_FUNCTION(dies_twice)

int killer(std::string path) {
  note(path, "killer");
  ::kill(::getpid(), SIGKILL);
  return 0;
}
BANYAN_FUNCTION(killer)

std::ptrdiff_t strikes(const std::string& path) {
  const auto lines = notes_in(path);
  return std::count(lines.begin(), lines.end(), "killer");
}

/// Is there when the killer strikes, unless that waits for this one, or strikes no more.
int innocent(std::string path, int n) {
  constexpr auto longest = 50ms;
  note(path, "innocent");
  static_cast<void>(wait_until([&path, before = strikes(path)] { return strikes(path) > before; }, longest));
  return n;
}
BANYAN_FUNCTION(innocent)

task<std::string> family_of_a_killer(context& ctx, std::string path) {
  std::vector<future<int>> innocents;
  for (int i = 0; i < 4; ++i) innocents.push_back(ctx.spawn(innocent, path, i));
  const auto guilty = ctx.spawn(killer, path);
  for (int i = 4; i < 8; ++i) innocents.push_back(ctx.spawn(innocent, path, i));
  std::string verdict = "nobody";
  try {
    co_await guilty;
  } catch (const failure& e) {
    verdict = std::string(to_string(e.code())) + " in " + e.function();
  }
  int sum = 0;
  for (const auto& i : innocents) sum += co_await i;
  co_return verdict + ", " + std::to_string(sum);
}
BANYAN_FUNCTION(family_of_a_killer)

task<int> killer_behind_a_step(context& ctx, std::string path) {
  co_await ctx.run("first", [&] { note(path, "step"); });
  co_await ctx.sleep(1ms);
  co_return killer(path);
}
BANYAN_FUNCTION(killer_behind_a_step)

int killer_behind_get(context& ctx, std::string path) {
  ctx.spawn(innocent, path, 1).get();
  return killer(path);
}
BANYAN_FUNCTION(killer_behind_get)

task<int> killer_behind_another(context&, future<int> other, std::string path) {
  co_await other;
  co_return killer(path);
}
BANYAN_FUNCTION(killer_behind_another)

class Crash : public Restart {
 protected:
  /// In a process that ends without a word to its runtime.
  std::string in_dying_child(const std::function<std::string(runtime&)>& body) {
    return in_child([&] {
      // Never destroyed: it dies with the process.
      auto* const doomed = new runtime(quiet());
      return body(*doomed);
    });
  }
  runtime_options quiet() {
    return {.store = url, .threads = 2, .limits = options.limits, .log = [](log_level, std::string_view) {}};
  }
  /// Runs processes until one does not get killed; returns how many were.
  int deaths(const std::function<std::string(runtime&)>& body, std::string& answer) {
    for (int n = 0; n < 30; ++n) {
      answer = in_dying_child(body);
      if (answer != "killed by signal 9") return n;
    }
    return 30;
  }
};
using P1_durability = Crash;
using P2_one_result = Crash;
using P3_stable_keys = Crash;
using P11_crash_loops = Crash;

TEST_F(P1_durability, a_root_that_spawn_returned_runs_after_a_crash) {
  const std::string path = file("notes");
  for (int i = 0; i < 10; ++i) {
    const std::string k = in_dying_child([&](runtime& r) { return r.spawn(keeps_noting, path).key().str(); });
    EXPECT_EQ(rt().find<std::string>(k).get(), k);
    stop();
  }
}

TEST_F(P2_one_result, what_one_reader_saw_all_readers_see) {
  for (int i = 0; i < 10; ++i) {
    std::string k;
    const std::string seen = in_dying_child([&](runtime& r) {
      const auto job = r.spawn(keeps_noting, file("notes"));
      job.get();
      return job.key().str();
    });
    const auto before = notes_in(file("notes")).size();
    EXPECT_EQ(rt().find<std::string>(seen).get(), seen);
    rt().wait_idle();
    EXPECT_EQ(notes_in(file("notes")).size(), before) << "it ran again";
    stop();
  }
}

TEST_F(P3_stable_keys, each_run_of_an_attempt_has_the_same_key) {
  const std::string path = file("notes");
  std::string answer;
  EXPECT_EQ(deaths([&](runtime& r) { return r.spawn({.id = "job"}, dies_twice, path).get(); }, answer), 2);
  EXPECT_EQ(answer, runtime::key_of("job").str());
  EXPECT_THAT(notes_in(path), testing::ElementsAre(answer + " 1", answer + " 1", answer + " 1"));
}

TEST_F(P11_crash_loops, a_leaf_that_kills_its_process_fails_and_no_one_else_does) {
  const std::string path = file("notes");
  std::string answer;
  const int died = deaths([&](runtime& r) { return r.spawn({.id = "job"}, family_of_a_killer, path).get(); }, answer);
  EXPECT_EQ(answer, "crash_loop in killer, 28");
  EXPECT_EQ(died, 6);
  EXPECT_EQ(strikes(path), 6);
}

TEST_F(P11_crash_loops, end_after_as_many_recoveries_as_the_limits_say) {
  options.limits.max_crash_recoveries = 2;
  const std::string path = file("notes");
  std::string answer;
  const int died =
      deaths([&](runtime& r) { return message_of([&] { r.spawn({.id = "job"}, killer, path).get(); }); }, answer);
  EXPECT_THAT(answer, HasSubstr("the process died 3 times in a row"));
  EXPECT_EQ(died, 3);
}

TEST_F(P11_crash_loops, are_found_behind_a_sleep) {
  const std::string path = file("notes");
  std::string answer;
  const int died = deaths(
      [&](runtime& r) {
        return std::string(to_string(*code_of([&] { r.spawn({.id = "job"}, killer_behind_a_step, path).get(); })));
      },
      answer);
  EXPECT_EQ(answer, "crash_loop");
  EXPECT_LE(died, 12);
  const auto lines = notes_in(path);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "step"), 1);
}

TEST_F(P11_crash_loops, are_found_behind_a_get_that_blocks) {
  const std::string path = file("notes");
  std::string answer;
  const int died = deaths(
      [&](runtime& r) {
        const auto job = r.spawn({.id = "job", .blocking = true}, killer_behind_get, path);
        return std::string(to_string(*code_of([&] { job.get(); })));
      },
      answer);
  EXPECT_EQ(answer, "crash_loop");
  EXPECT_LE(died, 12);
}

TEST_F(P11_crash_loops, are_found_behind_a_future_of_another_tree) {
  const std::string path = file("notes");
  std::string answer;
  const int died = deaths(
      [&](runtime& r) {
        const auto other = r.spawn({.id = "other"}, innocent, path, 1);
        const auto job = r.spawn({.id = "job"}, killer_behind_another, other, path);
        return std::string(to_string(*code_of([&] { job.get(); })));
      },
      answer);
  EXPECT_EQ(answer, "crash_loop");
  EXPECT_LE(died, 12);
}

TEST_F(P11_crash_loops, are_not_seen_in_crashes_at_which_it_did_not_run) {
  const std::string path = file("notes");
  for (int i = 0; i < 8; ++i) {
    in_dying_child([&](runtime& r) {
      r.spawn({.id = "waiting", .start_after = 1h}, innocent, path, 1);
      return "";
    });
  }
  EXPECT_FALSE(rt().find<int>(runtime::key_of("waiting")).ready());
}

}  // namespace
}  // namespace banyan::test
