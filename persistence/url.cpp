#include "persistence/url.hpp"

#include <algorithm>

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"

namespace banyan::detail {
namespace {

constexpr std::string_view known_forms =
    "memory:, sqlite:PATH[?synchronous=normal|full&busy_timeout=MS], redis://HOST[:PORT][/DB], "
    "redis+unix:///PATH, redis+sentinel://HOST[,HOST...]/MASTER";

/// The text before and after the first `mark`; all of it before, when there is none.
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view text, char mark) {
  const auto at = text.find(mark);
  if (at == text.npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

[[noreturn]] void throw_bad_option(std::string_view name, const std::string& value, const std::string& wanted) {
  throw_bad_url("option " + std::string(name) + "=" + value + " is not " + wanted);
}

}  // namespace

void throw_bad_url(const std::string& what) {
  throw error(errc::bad_url, "bad store URL: " + what + "; known are " + std::string(known_forms));
}

store_url store_url::parse(std::string_view text) {
  if (text.empty()) throw_bad_url("it is empty");
  if (text.find('\0') != text.npos) throw_bad_url("it holds a zero byte");
  const auto [scheme, rest] = split(text, ':');
  if (!rest) throw_bad_url("there is no scheme (the part before the first ':')");
  if (scheme.empty()) throw_bad_url("its scheme is empty");
  const auto [path, options] = split(*rest, '?');
  store_url url;
  url.scheme_ = scheme;
  url.path_ = path;
  if (options) url.parse_options(*options);
  return url;
}

void store_url::parse_options(std::string_view text) {
  std::optional<std::string_view> rest = text;
  while (rest) {
    const auto [part, following] = split(*rest, '&');
    rest = following;
    const auto [name, value] = split(part, '=');
    if (name.empty()) throw_bad_url("an option has no name");
    if (!value) throw_bad_url("option " + std::string(name) + " has no value");
    const auto same = [wanted = name](const option& o) { return o.name == wanted; };
    if (std::ranges::any_of(options_, same)) throw_bad_url("option " + std::string(name) + " is given twice");
    options_.push_back({std::string(name), std::string(*value)});
  }
}

bool store_url::take_scheme_prefix(std::string_view prefix) {
  if (!scheme_.starts_with(prefix)) return false;
  scheme_.erase(0, prefix.size());
  return true;
}

std::optional<std::string> store_url::take(std::string_view name) {
  const auto found = std::ranges::find(options_, name, &option::name);
  if (found == options_.end()) return std::nullopt;
  std::string value = std::move(found->value);
  options_.erase(found);
  return value;
}

std::optional<std::uint64_t> store_url::take_number(std::string_view name, std::uint64_t max) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto number = number_in<std::uint64_t>(*value);
  if (!number || *number > max) throw_bad_option(name, *value, "a number from 0 to " + std::to_string(max));
  return number;
}

std::optional<double> store_url::take_share(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto share = number_in<double>(*value);
  if (!share || !(*share >= 0 && *share <= 1)) throw_bad_option(name, *value, "a share from 0 to 1");
  return share;
}

std::optional<std::size_t> store_url::take_choice(std::string_view name, const std::vector<std::string_view>& choices) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(choices, *value);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string wanted;
  for (std::string_view choice : choices) wanted += (wanted.empty() ? "" : " or ") + std::string(choice);
  throw_bad_option(name, *value, wanted);
}

void store_url::expect_no_options(std::string_view known) const {
  if (options_.empty()) return;
  const std::string has = known.empty() ? "none" : std::string(known);
  throw_bad_url("unknown option " + options_.front().name + " (" + scheme_ + ": has " + has + ")");
}

}  // namespace banyan::detail
