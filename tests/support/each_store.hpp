#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "persistence/store.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

/// A place of a test's own for a store of a scheme: `memory`, `sqlite` or `redis`.
class store_place {
 public:
  explicit store_place(std::string scheme) : scheme_(std::move(scheme)) {
    if (scheme_ == "redis" && redis_server::available()) redis_.emplace();
  }

  std::string url() const {
    if (redis_) return redis_->url();
    return scheme_ == "sqlite" ? "sqlite:" + (scratch_.path() / "db").string() : "memory:";
  }
  std::string file(const char* name) const { return (scratch_.path() / name).string(); }

 private:
  const std::string scheme_;
  scratch_directory scratch_;
  std::optional<redis_server> redis_;
};

/// A fixture for tests that hold for every store. The parameter is a scheme.
class EachStore : public testing::TestWithParam<std::string> {
 protected:
  EachStore() : place_(GetParam()), opened_(open()), store_(*opened_) {}
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }
  std::unique_ptr<detail::store> open() const {
    return detail::open_store(place_.url(), detail::open_mode::drive, "a test");
  }

 private:
  store_place place_;
  std::unique_ptr<detail::store> opened_;

 protected:
  detail::store& store_;
};

}  // namespace banyan::test

/// Runs a suite over all stores. Its parameter is a scheme.
#define BANYAN_OVER_EACH_STORE(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(Over, suite, testing::Values("memory", "sqlite", "redis"), \
                           [](const auto& i) { return i.param; })

/// Runs a suite over all stores that several programs can open.
#define BANYAN_OVER_SHARED_STORES(suite) \
  INSTANTIATE_TEST_SUITE_P(Over, suite, testing::Values("sqlite", "redis"), [](const auto& i) { return i.param; })
