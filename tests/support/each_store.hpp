#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "persistence/store.hpp"

namespace banyan::test {

/// A directory of this test's own, removed at its end.
class scratch_directory {
 public:
  scratch_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "banyan-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a scratch directory from " + pattern);
    path_ = pattern;
  }
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A fixture for tests that hold for every store. The parameter is a scheme.
class EachStore : public testing::TestWithParam<std::string> {
 protected:
  EachStore() : opened_(detail::open_store(url(), detail::open_mode::drive, "a test")), store_(*opened_) {}

 private:
  std::string url() const { return GetParam() == "memory" ? "memory:" : "sqlite:" + (scratch_.path() / "db").string(); }

  scratch_directory scratch_;
  std::unique_ptr<detail::store> opened_;

 protected:
  detail::store& store_;
};

}  // namespace banyan::test

/// Runs a suite derived from EachStore over all of them.
#define BANYAN_OVER_EACH_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(Over, suite, testing::Values("memory", "sqlite"), [](const auto& i) { return i.param; })
