#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <banyan/codec.hpp>

namespace banyan::detail {

/// Values as `store::compare_and_set` changes them, in this process's memory. Thread-safe.
class named_values {
 public:
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::chrono::milliseconds kept);

 private:
  using clock = std::chrono::steady_clock;
  struct value {
    bytes what;
    clock::time_point until;
  };

  void sweep(clock::time_point now);

  std::mutex mutex_;
  std::map<std::string, value, std::less<>> values_;
  std::size_t sweep_at_ = 64;  ///< when there are so many
};

}  // namespace banyan::detail
