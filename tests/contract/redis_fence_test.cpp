#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>

#include "persistence/membership.hpp"
#include "tests/support/cutting_proxy.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using std::chrono::milliseconds;

constexpr const char* lease = "banyan:{roots}:lease:a test";

/// Sessions of drivers, which lose their leases.
class RedisFence : public testing::Test {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    server_.emplace();
  }

  std::unique_ptr<detail::store> open(const detail::session_options& session, const std::string& url = {}) {
    auto s = detail::open_store(url.empty() ? server_->url() : url, detail::open_mode::drive, "a test", session);
    s->on_fenced([this] { ++fenced_; });
    return s;
  }
  bool lease_is_there() const { return server_->ask({"EXISTS", lease}) == "1"; }
  static void write(detail::store& s) { commit_one(s, spec_of({{1, 2}, 3}, "spec")); }
  static errc refusal(detail::store& s) {
    return thrown_by([&] { write(s); }).code();
  }

  std::optional<redis_server> server_;
  std::atomic<int> fenced_{0};
};

TEST_F(RedisFence, a_lease_has_the_length_that_the_session_wants) {
  const auto s = open({.lease = std::chrono::minutes(10)});
  EXPECT_GT(std::stoi(server_->ask({"PTTL", lease})), 500'000);
}

TEST_F(RedisFence, a_lease_that_nobody_could_renew_in_time_is_refused) {
  EXPECT_EQ(thrown_by([&] { open({.lease = milliseconds(20)}); }).code(), errc::invalid_argument);
}

TEST_F(RedisFence, a_lease_that_is_renewed_outlives_its_length) {
  const auto s = open({.lease = milliseconds(1000), .fenced = true});
  int renewals = 0;
  int left = 0;
  // Each is a fifth of its length after the one before.
  EXPECT_TRUE(wait_until([&] {
    const int now_left = std::stoi(server_->ask({"PTTL", lease}));
    renewals += now_left > left;
    left = now_left;
    return renewals > 12;
  }));
  write(*s);
  EXPECT_EQ(fenced_, 0);
}

TEST_F(RedisFence, a_session_without_a_network_is_fenced_before_others_may_take_its_name) {
  cutting_proxy network(server_->socket(), 1);
  const auto s = detail::open_store(network.url(), detail::open_mode::drive, "a test",
                                    {.lease = milliseconds(3000), .fenced = true});
  std::atomic<bool> in_time{false};
  s->on_fenced([&] {
    in_time = lease_is_there();
    ++fenced_;
  });
  network.delay(std::chrono::hours(1));
  EXPECT_TRUE(wait_until([&] { return fenced_ == 1; }));
  EXPECT_TRUE(in_time);
  EXPECT_EQ(refusal(*s), errc::store_fenced);
}

TEST_F(RedisFence, a_session_that_was_fenced_stays_so_when_its_network_is_back) {
  cutting_proxy network(server_->socket(), 1);
  const auto s = open({.lease = milliseconds(500), .fenced = true}, network.url());
  network.delay(std::chrono::hours(1));
  ASSERT_TRUE(wait_until([&] { return fenced_ == 1; }));
  network.delay(milliseconds(0));
  EXPECT_TRUE(wait_until([&] { return !lease_is_there(); }));
  EXPECT_EQ(refusal(*s), errc::store_fenced);
  const auto successor = open({});
  write(*successor);
  EXPECT_EQ(refusal(*s), errc::store_fenced);
  EXPECT_EQ(thrown_by([&] { s->take_notices(); }).code(), errc::store_fenced);
  EXPECT_EQ(thrown_by([&] { s->cluster()->take_root({1, 1}, ""); }).code(), errc::store_fenced);
  s->close();
  EXPECT_TRUE(lease_is_there());
  EXPECT_EQ(fenced_, 1);
}

TEST_F(RedisFence, a_session_whose_server_stands_still_is_fenced_and_closes_soon) {
  const auto s = open({.lease = milliseconds(500), .fenced = true});
  ::kill(server_->pid(), SIGSTOP);
  EXPECT_TRUE(wait_until([&] { return fenced_ == 1; }));
  EXPECT_EQ(refusal(*s), errc::store_fenced);
  const auto begin = std::chrono::steady_clock::now();
  s->close();
  // An answer to a command of ours is waited for by five seconds.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  ::kill(server_->pid(), SIGCONT);
}

TEST_F(RedisFence, a_session_that_finds_its_lease_gone_is_fenced_at_once_and_does_not_take_it_again) {
  const auto s = open({.lease = milliseconds(10'000), .fenced = true});
  server_->ask({"DEL", lease});
  EXPECT_TRUE(wait_until([&] { return fenced_ == 1; }, milliseconds(8000)));
  EXPECT_EQ(refusal(*s), errc::store_fenced);
  EXPECT_FALSE(lease_is_there());
}

TEST_F(RedisFence, a_session_that_finds_another_with_its_lease_is_fenced_and_leaves_it_there) {
  const auto s = open({.lease = milliseconds(1000), .fenced = true});
  server_->ask({"SET", lease, "somebody else"});
  EXPECT_TRUE(wait_until([&] { return fenced_ == 1; }));
  EXPECT_EQ(refusal(*s), errc::store_fenced);
  s->close();
  EXPECT_EQ(server_->ask({"GET", lease}), "somebody else");
}

TEST_F(RedisFence, a_session_that_is_not_fenced_takes_its_lease_again) {
  const auto s = open({.lease = milliseconds(500)});
  server_->ask({"DEL", lease});
  EXPECT_TRUE(wait_until([&] { return lease_is_there(); }));
  write(*s);
  EXPECT_EQ(fenced_, 0);
}

TEST_F(RedisFence, who_is_told_late_of_the_fence_is_told_all_the_same) {
  const auto s = open({.lease = milliseconds(500), .fenced = true});
  server_->ask({"DEL", lease});
  ASSERT_TRUE(wait_until([&] { return fenced_ == 1; }));
  std::atomic<bool> told{false};
  s->on_fenced([&] { told = true; });
  EXPECT_TRUE(wait_until([&] { return told.load(); }));
}

/// What a process that was stopped for longer than its lease lasts does first when it goes on.
TEST_F(RedisFence, a_process_that_was_stopped_writes_nothing_when_it_goes_on) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int code = 1;
    try {
      const auto s = detail::open_store(server_->url(), detail::open_mode::drive, "a test",
                                        {.lease = milliseconds(500), .fenced = true});
      ::kill(::getpid(), SIGSTOP);
      write(*s);
    } catch (const error& e) {
      code = static_cast<int>(e.code());
    }
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_TRUE(wait_until([&] { return !lease_is_there(); }));
  ::kill(child, SIGCONT);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(errc::store_fenced));
  EXPECT_EQ(detail::open_store(server_->url(), detail::open_mode::read, "")->load({{1, 2}, 3}), std::nullopt);
}

}  // namespace
}  // namespace banyan::test
