#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace banyan::detail {

/// Says a thing at most once in ten seconds, and how many it kept to itself. For what strangers cause: they could fill
/// a disk. Used by one thread.
class seldom {
 public:
  explicit seldom(std::function<void(const std::string&)> say) : say_(std::move(say)) {}
  void say(const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (!say_ || (said_ != std::chrono::steady_clock::time_point() && now - said_ < std::chrono::seconds(10)))
      return void(++unsaid_);
    said_ = now;
    say_(unsaid_ == 0 ? what : what + " (and " + std::to_string(unsaid_) + " like it before)");
    unsaid_ = 0;
  }

 private:
  const std::function<void(const std::string&)> say_;
  std::chrono::steady_clock::time_point said_;
  std::uint64_t unsaid_ = 0;
};

}  // namespace banyan::detail
