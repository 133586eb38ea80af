#pragma once

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <banyan/banyan.hpp>

#include "tests/support/each_store.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {

using namespace std::chrono_literals;

/// What a runtime says, for tests that look at it; others keep it off the terminal.
class log_lines {
 public:
  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
  }
  bool contains(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A runtime that a test may end and start again.
class restartable {
 protected:
  explicit restartable(const std::string& scheme) : place_(scheme), url(place_.url()) { options.threads = 2; }

  runtime& rt() {
    if (!runtime_) {
      runtime_options o = options;
      if (o.store == "memory:") o.store = url;
      o.log = [this](log_level, std::string_view line) { log.add(line); };
      runtime_.emplace(std::move(o));
    }
    return *runtime_;
  }
  /// Ends the runtime in good order.
  void stop() { runtime_.reset(); }
  void restart() {
    stop();
    rt();
  }
  std::string file(const char* name) const { return place_.file(name); }

 private:
  store_place place_;

 protected:
  log_lines log;
  runtime_options options;
  const std::string url;

 private:
  std::optional<runtime> runtime_;
};

/// For tests that hold over each store.
class Kernel : public testing::TestWithParam<std::string>, protected restartable {
 protected:
  Kernel() : restartable(GetParam()) {}
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }
};

/// For tests that end a runtime and start another on its records.
class Restart : public testing::Test, protected restartable {
 protected:
  Restart() : restartable("sqlite") {}
};

/// A seed for random tests: from BANYAN_SEED, or a new one that is printed.
inline std::uint64_t random_seed() {
  if (const char* given = std::getenv("BANYAN_SEED")) return std::strtoull(given, nullptr, 10);
  const std::uint64_t seed = std::random_device{}();
  std::cout << "BANYAN_SEED=" << seed << "\n";
  return seed;
}

/// The code of the error that a call throws; nothing if it throws none.
template <class Call>
std::optional<errc> code_of(Call call) {
  try {
    call();
  } catch (const error& e) {
    return e.code();
  }
  return std::nullopt;
}

/// The message of the error that a call throws.
template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const error& e) {
    return e.message();
  }
  return "";
}

}  // namespace banyan::test
