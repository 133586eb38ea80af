#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::detail {

/// A store URL in its parts: `scheme:path?name=value&name=value`. Nothing in it is percent-encoded: a path may hold
/// any character but `?`.
///
/// Who opens a store takes the options that it knows and then calls `expect_no_options`, so that a mistyped option
/// is an error. All errors are `error` (`bad_url`); they quote no more of the URL than the part that is wrong, since
/// a URL may hold a password.
class store_url {
 public:
  static store_url parse(std::string_view text);

  const std::string& scheme() const { return scheme_; }
  /// Takes `prefix` off the scheme's front; false if it is not there.
  bool take_scheme_prefix(std::string_view prefix);
  const std::string& path() const { return path_; }

  /// Takes an option out; nothing if it was not given.
  std::optional<std::string> take(std::string_view name);
  std::optional<std::uint64_t> take_number(std::string_view name, std::uint64_t max);
  /// A share from 0 to 1.
  std::optional<double> take_share(std::string_view name);
  /// The index in `choices` of what was given.
  std::optional<std::size_t> take_choice(std::string_view name, const std::vector<std::string_view>& choices);

  /// Throws if options are left. `known` lists those that there are, for the message.
  void expect_no_options(std::string_view known) const;

 private:
  struct option {
    std::string name;
    std::string value;
  };

  void parse_options(std::string_view text);

  std::string scheme_;
  std::string path_;
  std::vector<option> options_;
};

/// Throws `error` (`bad_url`): what is wrong, and which forms there are.
[[noreturn]] void throw_bad_url(const std::string& what);

}  // namespace banyan::detail
