#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include <banyan/banyan.hpp>

#include "messages/family.hpp"
#include "messages/record.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/side_effects.hpp"

namespace banyan::test {
namespace {

using detail::entry;
using detail::record;

constexpr int depth = 3;
constexpr int width = 4;
constexpr long leaves = 4 + 16 + 64;
constexpr long result = leaves + 64 * 1000;

/// What a store says of the job: who has a result, and what steps were answered.
struct committed {
  std::set<std::string> calls;
  std::set<std::string> steps;  ///< the keys of the futures whose step it is
  std::size_t records = 0;
};

void read_family(detail::store& s, const key& parent, committed& into) {
  std::vector<key> below;
  s.scan(detail::child_family(parent, 1), [&](record&& r) {
    ++into.records;
    const entry e = detail::decode_entry(r.spec);
    const key k{detail::child_family(parent, 1), r.index};
    if (e.kind == detail::entry_kind::step) {
      if (e.step.kind == detail::step_kind::run) into.steps.insert(parent.str() + " step");
      return;
    }
    if (!r.result.empty()) into.calls.insert(k.str());
    below.push_back(k);
  });
  for (const key& k : below) read_family(s, k, into);
}

class P4_kill : public testing::Test {
 protected:
  P4_kill() : store_((scratch_.path() / "db").string()), notes_((scratch_.path() / "notes").string()) {}

  std::vector<std::string> command(const std::string& url) const {
    return {std::string(KILL_JOB), url, notes_, std::to_string(depth), std::to_string(width)};
  }

  committed read() const {
    committed c;
    // It may have died before it had made its store.
    if (!std::filesystem::exists(store_) || std::filesystem::file_size(store_) == 0) return c;
    try {
      const auto s = detail::open_store("sqlite:" + store_, detail::open_mode::read, "");
      read_family(*s, runtime::key_of("job"), c);
    } catch (const error& e) {
      // A store that was cut off while it was being made cannot be read, and holds nothing.
      if (!c.calls.empty() || !c.steps.empty()) throw;
    }
    return c;
  }

  /// Looks at what a killed process has left: nothing that was committed before it has run again.
  void check_step() {
    const auto lines = notes_in(notes_);
    for (std::size_t i = seen_; i < lines.size(); ++i) {
      EXPECT_FALSE(before_.calls.contains(lines[i])) << lines[i] << " had a result and ran again";
      EXPECT_FALSE(before_.steps.contains(lines[i])) << lines[i] << " was recorded and ran again";
    }
    seen_ = lines.size();
    committed now = read();
    for (const auto& k : before_.calls) EXPECT_TRUE(now.calls.contains(k)) << k << " lost its result";
    for (const auto& k : before_.steps) EXPECT_TRUE(now.steps.contains(k)) << k << " lost its answer";
    EXPECT_GE(now.records, before_.records);
    before_ = std::move(now);
  }

  void expect_done(const program_end& end) {
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(end.out, std::to_string(result) + "\n");
    check_step();
    const auto lines = notes_in(notes_);
    const std::set<std::string> once(lines.begin(), lines.end());
    EXPECT_EQ(once.size(), static_cast<std::size_t>(leaves + 64));
  }

  scratch_directory scratch_;
  const std::string store_;
  const std::string notes_;
  committed before_;
  std::size_t seen_ = 0;
  unsigned stuck_rounds_ = 0;
};

/// Kills a program after some time, unless it has ended by then. True: it was killed.
bool run_and_kill(const std::vector<std::string>& command, std::chrono::microseconds after) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  std::this_thread::sleep_for(after);
  ::kill(pid, SIGKILL);
  int state = 0;
  ::waitpid(pid, &state, 0);
  return WIFSIGNALED(state);
}

TEST_F(P4_kill, at_any_moment_runs_nothing_committed_again_and_makes_progress) {
  std::mt19937_64 random(random_seed());
  int kills = 0;
  for (int round = 0; kills < 50 && round < 500; ++round) {
    const std::size_t results = before_.calls.size() + before_.steps.size();
    // Where nothing was committed, the next process gets longer.
    const auto most = 30'000 + 10'000 * (stuck_rounds_ + 1);
    if (run_and_kill(command("sqlite:" + store_), std::chrono::microseconds(random() % most))) {
      ++kills;
    } else {
      // It was done: the same again from the start.
      expect_done(run_program(command("sqlite:" + store_)));
      for (const auto& e : std::filesystem::directory_iterator(scratch_.path())) std::filesystem::remove(e.path());
      before_ = {};
      seen_ = 0;
    }
    check_step();
    stuck_rounds_ = before_.calls.size() + before_.steps.size() > results ? 0 : stuck_rounds_ + 1;
    ASSERT_LT(stuck_rounds_, 25) << "no restart makes progress";
    if (HasFailure()) return;
  }
  EXPECT_EQ(kills, 50);
  expect_done(run_program(command("sqlite:" + store_)));
}

TEST_F(P4_kill, before_and_after_each_commit_runs_nothing_committed_again) {
  for (const char* when : {"crash_before", "crash_during", "crash_after"}) {
    for (const auto& e : std::filesystem::directory_iterator(scratch_.path())) std::filesystem::remove(e.path());
    before_ = {};
    seen_ = 0;
    program_end end;
    for (int n = 1;; ++n) {
      ASSERT_LT(n, 200) << when;
      end = run_program(command("fault+sqlite:" + store_ + "?" + when + "=" + std::to_string(n)));
      if (end.code == 0) break;
      ASSERT_EQ(end.code, 128 + SIGKILL) << end.err;
      check_step();
      if (HasFailure()) return;
    }
    expect_done(end);
  }
}

}  // namespace
}  // namespace banyan::test
