#include <signal.h>

#include <hiredis/hiredis.h>

#include <array>
#include <thread>

#include "tests/kernel/redis_fixture.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

class RedisFaults : public RedisServers {
 protected:
  runtime_options options(const redis_server& server, const std::string& more = "") {
    return RedisServers::options(server.url() + more);
  }
};

TEST_F(RedisFaults, a_server_that_is_killed_and_comes_back_with_all_it_acknowledged_loses_and_doubles_nothing) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
  runtime rt{options(server)};
  const auto job = rt.spawn(many_leaves, 2000);
  for (int kills = 0; kills < 3; ++kills) {
    const int before = leaf_runs;
    ASSERT_TRUE(wait_until([&] { return leaf_runs > before + 200; }));
    server.kill();
    server.start();
  }
  EXPECT_EQ(job.get_for(60s), 2000);
  EXPECT_EQ(leaf_runs, 2000);
  rt.shutdown();
  runtime again{options(server)};
  EXPECT_EQ(again.find<int>(job.key()).get_for(20s), 2000);
  EXPECT_EQ(again.find<int>(job.key()).children().size(), 2000u);
  EXPECT_EQ(leaf_runs, 2000);
}

TEST_F(RedisFaults, a_server_that_stands_still_for_a_while_is_waited_for) {
  redis_server server;
  runtime rt{options(server, "?command_timeout=300")};
  const auto job = rt.spawn(many_leaves, 500);
  ASSERT_TRUE(wait_until([&] { return leaf_runs > 100; }));
  ::kill(server.pid(), SIGSTOP);
  EXPECT_TRUE(wait_until([&] { return log.contains("wait and are tried again"); }));
  ::kill(server.pid(), SIGCONT);
  EXPECT_EQ(job.get_for(60s), 500);
  EXPECT_EQ(leaf_runs, 500);
}

TEST_F(RedisFaults, spawning_a_root_while_the_server_is_away_ends_in_store_unavailable) {
  redis_server server({"--appendonly", "yes"});
  runtime rt{options(server)};
  server.kill();
  EXPECT_EQ(code_of([&] { rt.spawn(many_leaves, 1); }), errc::store_unavailable);
  server.start();
  EXPECT_TRUE(wait_until([&] {
    try {
      return rt.spawn(many_leaves, 3).get_for(20s) == 3;
    } catch (const error&) {
      return false;
    }
  }));
}

std::int64_t tells_for_when(context& ctx) { return ctx.scheduled_at().time_since_epoch() / 1ms; }
BANYAN_FUNCTION(tells_for_when)

TEST_F(RedisFaults, a_schedule_whose_server_is_away_goes_on_when_it_is_back) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
  runtime rt{options(server)};
  const every_options opts{.id = "x", .overlap = overlap::queue, .catch_up = catch_up::all, .times = 100};
  const auto f = rt.every(opts, interval(10ms), tells_for_when);
  ASSERT_TRUE(wait_until([&] { return f.published<recurrence>().value_or(recurrence{}).started >= 10; }));
  server.kill();
  ASSERT_TRUE(wait_until([&] { return log.contains("cannot go on yet: "); }));
  server.start();
  EXPECT_EQ(f.get_for(60s).missed, 0u);
  std::vector<std::int64_t> times;
  for (const root_info& run : rt.roots({.function = "tells_for_when"})) {
    times.push_back(rt.find<std::int64_t>(run.key).get_for(20s));
  }
  std::ranges::sort(times);
  ASSERT_EQ(times.size(), 100u);
  EXPECT_EQ(times.back() - times.front(), 990);
  EXPECT_EQ(std::ranges::adjacent_find(times), times.end());
}

gate server_is_away;

/// Calls when the server does not answer, and fails if it cannot.
task<int> debounces_without_a_server(context& ctx) {
  server_is_away.wait();
  const auto quiet = debounce(slow_leaf, {.first = 1ms});
  const auto run = ctx.spawn(quiet, 5);
  co_return co_await run;
}
BANYAN_FUNCTION(debounces_without_a_server)

TEST_F(RedisFaults, a_debounced_call_whose_server_is_away_goes_on_when_it_is_back) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
  runtime rt{options(server)};
  const auto caller = rt.spawn(debounces_without_a_server);
  server.kill();
  server_is_away.open();
  ASSERT_TRUE(wait_until([&] { return log.contains("cannot go on yet: "); }));
  server.start();
  EXPECT_EQ(caller.get_for(20s), 5);
}

std::atomic<bool> fails_no_more{false};
std::atomic<int> failing_runs{0};

task<int> fails_until_told(context& ctx) {
  ++failing_runs;
  const future<int> child = ctx.spawn(slow_leaf, 5);
  const int n = co_await child;
  if (!fails_no_more) throw std::runtime_error("not yet");
  co_return n;
}
BANYAN_FUNCTION(fails_until_told)

TEST_F(RedisFaults, an_attempt_whose_server_is_away_begins_when_it_is_back) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
  runtime rt{options(server)};
  const auto f = rt.spawn({.retry = {.max_attempts = 10'000, .first_delay = 100ms, .factor = 1}}, fails_until_told);
  const auto waits = [&] { return log.contains("goes on when its store can be read again"); };
  // Between two attempts, and not while the end of one is recorded: most of the time that is so.
  for (int kills = 0; kills < 20; ++kills) {
    const int before = failing_runs;
    ASSERT_TRUE(wait_until([&] { return failing_runs > before + 1; }));
    server.kill();
    const bool it_waits = wait_until(waits, 1s);
    server.start();
    if (it_waits) break;
  }
  EXPECT_TRUE(waits());
  fails_no_more = true;
  EXPECT_EQ(f.get_for(20s), 5);
}

task<int> takes_a_number(context& ctx) { co_return co_await ctx.receive<int>("number"); }
BANYAN_FUNCTION(takes_a_number)

TEST_F(RedisFaults, calls_from_outside_wait_for_a_server_that_is_away_for_a_while) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
  runtime rt{options(server)};
  std::vector<future<int>> all;
  for (int i = 0; i < 5; ++i) all.push_back(rt.spawn(takes_a_number));
  for (const auto& f : all) ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  server.kill();
  std::vector<std::thread> threads;
  std::array<std::optional<errc>, 5> thrown;
  std::array<bool, 5> answers{};
  const auto call = [&](std::size_t i, auto f) {
    threads.emplace_back([&thrown, &answers, i, f] { thrown[i] = code_of([&] { answers[i] = f(); }); });
  };
  call(0, [&] { return all[0].send("number", 7); });
  call(1, [&] { return all[1].set_value(8); });
  call(2, [&] { return all[2].set_error("not that one"); });
  call(3, [&] { return all[3].cancel(); });
  call(4, [&] { return rt.adopt(all[4].key(), slow_leaf, 1).valid(); });
  threads.emplace_back([&] { rt.spawn(slow_leaf, 1); });
  ASSERT_TRUE(wait_until([&] { return log.contains("wait and are tried again"); }));
  server.start();
  for (std::thread& t : threads) t.join();
  for (std::size_t i = 0; i < thrown.size(); ++i) {
    EXPECT_EQ(thrown[i], std::nullopt) << i;
    EXPECT_TRUE(answers[i]) << i;
  }
  EXPECT_EQ(all[0].get_for(20s), 7);
  EXPECT_EQ(all[1].get_for(20s), 8);
  EXPECT_EQ(message_of([&] { all[2].get_for(20s); }), "not that one");
  EXPECT_EQ(code_of([&] { all[3].get_for(20s); }), errc::cancelled);
  EXPECT_TRUE(all[4].cancel());
}

TEST_F(RedisFaults, a_full_server_is_waited_for_until_it_has_room) {
  redis_server server({"--maxmemory", "3mb", "--maxmemory-policy", "noeviction"});
  runtime rt{options(server)};
  const auto job = rt.spawn(many_leaves, 20'000);
  ASSERT_TRUE(wait_until([&] { return log.contains("maxmemory: raise it"); }));
  EXPECT_FALSE(job.ready());
  server.ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(job.get_for(100s), 20'000);
}

TEST_F(RedisFaults, a_server_that_is_emptied_under_a_tree_is_a_clear_error) {
  redis_server server;
  runtime rt{options(server)};
  rt.spawn(many_leaves, 1'000'000);
  ASSERT_TRUE(wait_until([&] { return leaf_runs > 10; }));
  server.ask({"FLUSHALL"});
  EXPECT_TRUE(wait_until([&] { return log.contains("its records are gone"); }));
  EXPECT_EQ(code_of([&] { rt.spawn(many_leaves, 1); }), errc::store_corrupt);
}

TEST_F(RedisFaults, a_password_that_changes_is_said_and_waited_for) {
  redis_server server({"--requirepass", "one"});
  runtime_options o = options(server);
  o.store = "redis+unix://:one@" + server.socket();
  runtime rt{o};
  const auto job = rt.spawn(many_leaves, 1000);
  ASSERT_TRUE(wait_until([&] { return leaf_runs > 50; }));
  redisContext* const c = ::redisConnectUnix(server.socket().c_str());
  for (const char* command : {"AUTH one", "CONFIG SET requirepass two", "CLIENT KILL TYPE normal SKIPME yes"}) {
    ::freeReplyObject(::redisCommand(c, command));
  }
  EXPECT_TRUE(wait_until([&] { return log.contains("password is wrong"); }));
  ::freeReplyObject(::redisCommand(c, "CONFIG SET requirepass one"));
  ::redisFree(c);
  EXPECT_EQ(job.get_for(60s), 1000);
}

TEST_F(RedisFaults, what_is_wrong_when_it_is_opened_is_said_at_once) {
  redis_server server({"--requirepass", "one", "--maxmemory-policy", "allkeys-lru"});
  const std::string with_password = "redis+unix://:one@" + server.socket();
  const auto refused = [&](const std::string& store) {
    try {
      runtime{{.store = store, .log = [](log_level, std::string_view) {}}};
    } catch (const error& e) {
      return std::pair(e.code(), e.message());
    }
    return std::pair(errc{}, std::string("nothing was thrown"));
  };
  EXPECT_EQ(refused(server.url()).first, errc::store_denied);
  EXPECT_THAT(refused(server.url()).second, HasSubstr("a password is needed"));
  EXPECT_EQ(refused("redis+unix://:two@" + server.socket()).first, errc::store_denied);
  EXPECT_EQ(refused(with_password).first, errc::invalid_argument);
  EXPECT_THAT(refused(with_password).second, HasSubstr("maxmemory-policy is allkeys-lru"));
  EXPECT_EQ(refused(with_password + "?allow_eviction=yes").second, "nothing was thrown");
  EXPECT_EQ(refused("redis+unix:///nowhere/s").first, errc::store_unavailable);
}

TEST_F(RedisFaults, what_is_none_of_ours_is_left_alone) {
  redis_server server;
  server.ask({"SET", "banyan:{roots}:layout", "7"});
  EXPECT_EQ(code_of([&] { runtime{options(server)}; }), errc::store_too_new);
  server.ask({"SET", "banyan:{roots}:layout", "something"});
  EXPECT_EQ(code_of([&] { runtime{options(server)}; }), errc::store_corrupt);
  server.ask({"DEL", "banyan:{roots}:layout"});
  server.ask({"LPUSH", "banyan:{roots}:layout", "a"});
  EXPECT_EQ(code_of([&] { runtime{options(server)}; }), errc::store_corrupt);
  EXPECT_EQ(code_of([&] { runtime{options(server, "?prefix=other")}; }), std::nullopt);
}

TEST_F(RedisFaults, what_the_server_is_worth_is_said_when_it_is_opened) {
  redis_server careless;
  runtime first{options(careless)};
  EXPECT_TRUE(log.contains("ALL IS LOST WHEN THE SERVER ENDS"));
  redis_server careful({"--appendonly", "yes", "--appendfsync", "always"});
  runtime second{options(careful)};
  EXPECT_TRUE(log.contains("every write is on disk when it is acknowledged"));
}

}  // namespace
}  // namespace banyan::test
