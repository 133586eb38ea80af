#include <filesystem>
#include <random>
#include <set>

#include <banyan/banyan.hpp>

#include "messages/family.hpp"
#include "messages/record.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/background_program.hpp"
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

class P4_kill : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }

  /// With options for the store, each beginning with `&`.
  std::string url(const std::string& options = "") const {
    return place_.url() + (GetParam() == "redis" ? "?prefix=run" + std::to_string(runs_) : "?synchronous=normal") +
           options;
  }

  std::vector<std::string> command(const std::string& url) const {
    return {std::string(KILL_JOB), url, notes_, std::to_string(depth), std::to_string(width)};
  }

  committed read() const {
    committed c;
    // It may have died before it had made its store.
    const std::string file = place_.file("db");
    if (GetParam() == "sqlite" && (!std::filesystem::exists(file) || std::filesystem::file_size(file) == 0)) return c;
    try {
      const auto s = detail::open_store(url(), detail::open_mode::read, "");
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

  void start_anew() {
    ++runs_;
    for (const char* name : {"db", "db-wal", "db-shm", "db.lock", "db.running", "notes"}) {
      std::filesystem::remove(place_.file(name));
    }
    before_ = {};
    seen_ = 0;
    stuck_rounds_ = 0;
  }

  void expect_done(const program_end& end) {
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(end.out, std::to_string(result) + "\n");
    check_step();
    const auto lines = notes_in(notes_);
    const std::set<std::string> once(lines.begin(), lines.end());
    EXPECT_EQ(once.size(), static_cast<std::size_t>(leaves + 64));
  }

  store_place place_{GetParam()};
  const std::string notes_ = place_.file("notes");
  unsigned runs_ = 0;
  committed before_;
  std::size_t seen_ = 0;
  unsigned stuck_rounds_ = 0;
};

TEST_P(P4_kill, at_any_moment_runs_nothing_committed_again_and_makes_progress) {
  std::mt19937_64 random(random_seed());
  const int wanted = GetParam() == "redis" ? 100 : 50;
  int kills = 0;
  for (int round = 0; kills < wanted && round < 10 * wanted; ++round) {
    const std::size_t results = before_.calls.size() + before_.steps.size();
    // Where nothing was committed, the next process gets longer: a slow machine may need a second to begin.
    const auto most = 30'000 + 10'000 * (stuck_rounds_ + 1) * (stuck_rounds_ + 1);
    background_program program(command(url()));
    if (!program.ends_within(std::chrono::microseconds(random() % most))) {
      program.kill();
      ++kills;
    } else {
      // It was done: the same again from the start.
      expect_done(run_program(command(url())));
      start_anew();
      continue;
    }
    check_step();
    stuck_rounds_ = before_.calls.size() + before_.steps.size() > results ? 0 : stuck_rounds_ + 1;
    ASSERT_LT(stuck_rounds_, 25) << "no restart makes progress";
    if (HasFailure()) return;
  }
  EXPECT_EQ(kills, wanted);
  expect_done(run_program(command(url())));
}

TEST_P(P4_kill, before_and_after_each_commit_runs_nothing_committed_again) {
  for (const char* when : {"crash_before", "crash_during", "crash_after"}) {
    start_anew();
    program_end end;
    for (int n = 1;; ++n) {
      ASSERT_LT(n, 200) << when;
      end = run_program(command("fault+" + url("&" + std::string(when) + "=" + std::to_string(n))));
      if (end.code == 0) break;
      ASSERT_EQ(end.code, 128 + SIGKILL) << end.err;
      check_step();
      if (HasFailure()) return;
    }
    expect_done(end);
  }
}

INSTANTIATE_TEST_SUITE_P(Over, P4_kill, testing::Values("sqlite", "redis"), [](const auto& i) { return i.param; });

}  // namespace
}  // namespace banyan::test
