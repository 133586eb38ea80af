#include "nodes/queue_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <sstream>

#include <banyan/error.hpp>

#include "actors/waiting_places.hpp"

namespace banyan::detail {
namespace {

constexpr double least_rate = 1e-6;
constexpr double highest_rate = 1e6;
constexpr std::uint32_t largest_burst = 1'000'000;

template <class T>
bool read_number(std::string_view text, T& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc() && stop == end;
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw error(errc::invalid_argument, name + ": " + what);
}

constexpr std::string_view a_whole_number = "a whole number from 1 to 4294967295";

/// Why this word gives no limit; empty: it has given one.
std::string_view read_limit(std::string_view key, std::string_view value, queue_limits& l) {
  if (key == "concurrency") return read_number(value, l.concurrency) && l.concurrency > 0 ? "" : a_whole_number;
  if (key == "key-concurrency") {
    return read_number(value, l.key_concurrency) && l.key_concurrency > 0 ? "" : a_whole_number;
  }
  if (key == "rate") return read_number(value, l.rate) && l.rate > 0 ? "" : "a number from 0.000001 to 1000000";
  return read_number(value, l.burst) ? "" : "a whole number from 1 to 1000000";
}

queue_limits read_limits(const std::string& name, std::istream& words) {
  static constexpr std::array<std::string_view, 4> keys{"concurrency", "rate", "burst", "key-concurrency"};
  queue_limits l;
  std::set<std::string> given;
  for (std::string word; words >> word;) {
    const auto equals = std::min(word.find('='), word.size());
    const std::string key = word.substr(0, equals);
    if (std::ranges::find(keys, key) == keys.end()) {
      refuse(name, "unknown limit '" + word + "'; known are concurrency=N, rate=N, burst=N and key-concurrency=N");
    }
    if (!given.insert(key).second) refuse(name, key + " is given twice");
    const auto taken = read_limit(key, std::string_view(word).substr(std::min(equals + 1, word.size())), l);
    if (!taken.empty())
      refuse(name, key + " takes " + std::string(taken) + ", as in " + key + "=5, not '" + word + "'");
  }
  return l;
}

}  // namespace

std::string problem_of(std::string_view name, const queue_limits& l) {
  const auto of = [&](const std::string& what) { return std::string(name) + ": " + what; };
  const bool odd = std::ranges::any_of(name, [](char c) { return c <= ' ' || c == ',' || c == ':' || c == '='; });
  if (name.empty() || odd) {
    return "'" + std::string(name) + "' is no name: it takes letters and signs but ',', ':', '=' and blanks";
  }
  if (name.size() > max_name) {
    return "a queue's name has at most " + std::to_string(max_name) + " bytes, not " + std::to_string(name.size());
  }
  if (l.rate != 0 && !(l.rate >= least_rate && l.rate <= highest_rate)) {
    return of("rate is 0, or from 0.000001 to 1000000 a second");
  }
  if (l.burst == 0 || l.burst > largest_burst) return of("burst is from 1 to 1000000");
  if (l.burst > 1 && l.rate == 0) return of("burst goes with a rate");
  return {};
}

std::vector<std::string> write_queues(const queues& all) {
  std::vector<std::string> texts;
  const queue_limits none;
  for (const auto& [name, l] : all) {
    std::ostringstream text;
    text << name;
    if (l.concurrency != none.concurrency) text << " concurrency=" << l.concurrency;
    if (l.rate != none.rate) text << " rate=" << l.rate;
    if (l.burst != none.burst) text << " burst=" << l.burst;
    if (l.key_concurrency != none.key_concurrency) text << " key-concurrency=" << l.key_concurrency;
    texts.push_back(text.str());
  }
  return texts;
}

queues read_queues(const std::vector<std::string>& texts) {
  queues all;
  for (const std::string& text : texts) {
    std::istringstream words(text);
    std::string name;
    words >> name;
    const queue_limits l = read_limits(name, words);
    if (const std::string problem = problem_of(name, l); !problem.empty()) throw error(errc::invalid_argument, problem);
    if (!all.emplace(name, l).second) refuse(name, "there is one of this name already");
  }
  return all;
}

}  // namespace banyan::detail
