#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <banyan/runtime.hpp>

namespace banyan::detail {

/// More is a mistake: each is a thread.
inline constexpr unsigned most_threads = 4096;
inline constexpr std::size_t most_blocking = 65536;

/// What a key can be given. The order is that of `setting_kind`.
using setting_value = std::variant<std::string, std::int64_t, std::chrono::nanoseconds, bool, std::vector<std::string>>;
enum class setting_kind { text, number, duration, flag, texts };

/// One key of the configuration.
struct setting {
  std::string name;                  ///< as in a file, below its section `banyan`: "limits.max-payload"
  std::string help;                  ///< in a few words
  std::int64_t most = 0;             ///< of a number, which is at least 1
  std::chrono::nanoseconds unit{1};  ///< of a duration, which is a whole number of them
  setting_value (*get)(const runtime_options&) = nullptr;
  void (*set)(runtime_options&, const setting_value&) = nullptr;  ///< takes what it `accepts`
  bool (*is_default)(const runtime_options&) = nullptr;
  /// What is wrong with a value of its kind; empty: nothing. Null: nothing ever is.
  std::string (*fault_of)(const setting_value&) = nullptr;
  std::string example{};  ///< of one of its texts

  setting_kind kind() const;
  bool accepts(const setting_value& v) const;
  /// Why it does not, where there is more to say than what it takes; else empty.
  std::string fault(const setting_value& v) const;
  std::string option() const;    ///< on a command line: "--limits.max-payload"
  std::string variable() const;  ///< in the environment: "BANYAN_LIMITS_MAX_PAYLOAD"
};

/// All keys there are, in the order in which people read them: the one table for files, the environment and command
/// lines. Any thread may call it.
const std::vector<setting>& all_settings();

/// The key of this name, or null.
const setting* find_setting(std::string_view name);

}  // namespace banyan::detail
