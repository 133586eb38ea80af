#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "messages/clock.hpp"
#include "persistence/future_view.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tree_builder.hpp"

namespace banyan::test {

/// Tests of the program over a store with three trees:
///   done:  a success with a child that succeeded and one that failed, settled an hour ago
///   live:  running since 10 s ago, a quarter done, with a running child, a promise and a step
///   stuck: parked
class Cli : public testing::TestWithParam<std::string> {
 protected:
  Cli() : driver_(detail::open_store(url_, detail::open_mode::drive, "a test")), tree_(*driver_) {
    make_done_tree();
    make_live_tree();
    stuck_ = tree_.root("stuck", call_of("resize"), now_ - 60'000);
    tree_.gauge(stuck_, {status::pending, {0, 0, 1}, 0, now_, false, "no function 'resize' in this program"});
  }

  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }

  program_end banyan(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {BANYAN_PROGRAM, "--store", url_});
    return run_program(arguments);
  }
  static program_end banyan_without_store(std::vector<std::string> arguments,
                                          const std::vector<std::string>& environment = {}) {
    arguments.insert(arguments.begin(), BANYAN_PROGRAM);
    return run_program(arguments, environment);
  }

  /// From here on nobody drives the store.
  void stop_driving() {
    driver_->close();
    driver_.reset();
  }

  std::string file(const char* name) const { return place_.file(name); }

  detail::future_view view(const key& k) const {
    const auto s = detail::open_store(url_, detail::open_mode::read, "a test");
    detail::store_source source(*s);
    return view_future(source, k).value_or(detail::future_view{});
  }

  const detail::millis now_ = detail::now_ms();
  const store_place place_{GetParam()};
  const std::string url_ = place_.url();
  std::unique_ptr<detail::store> driver_;
  tree_builder tree_;
  key done_;
  key done_child_;
  key failed_child_;
  key live_;
  key live_child_;
  key approval_;
  key step_;
  key stuck_;

 private:
  void make_done_tree() {
    done_ = tree_.root("done", call_of("sort", "sort it"), now_ - 7'200'000);
    done_child_ = tree_.child(done_, 0, call_of("merge"));
    tree_.result(done_child_, success_of(detail::encode(std::vector<int>{1, 2, 3})));
    failed_child_ = tree_.child(done_, 1, call_of("upload"));
    detail::result_record failed = failure_of("disk\nfull");
    failed.failure.function = "upload";
    failed.failure.origin = failed_child_;
    tree_.result(failed_child_, failed);
    tree_.result(done_, success_of(detail::encode(std::string("sorted"))));
    tree_.settle_root(done_, now_ - 3'600'000);
  }

  void make_live_tree() {
    live_ = tree_.root("live", call_of("train", "red\x1b[31m name"), now_ - 180'000);
    tree_.gauge(live_, {status::running, {0, 1, 4}, now_ - 10'000, now_, false, ""});
    live_child_ = tree_.child(live_, 0, call_of("epoch"));
    tree_.gauge(live_child_, {status::running, {1, 1, 2}, now_ - 5'000, now_, false, ""});
    approval_ = tree_.child(live_, 1, promise_of("approval"));
    step_ = tree_.step(live_, 2);
  }
};

}  // namespace banyan::test
