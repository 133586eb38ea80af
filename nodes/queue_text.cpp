#include "nodes/queue_text.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

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

bool read_limit(std::string_view word, queue_limits& l) {
  const auto equals = word.find('=');
  if (equals == word.npos) return false;
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = word.substr(equals + 1);
  if (key == "concurrency") return read_number(value, l.concurrency) && l.concurrency > 0;
  if (key == "rate") return read_number(value, l.rate) && l.rate > 0;
  if (key == "burst") return read_number(value, l.burst);
  return key == "key-concurrency" && read_number(value, l.key_concurrency) && l.key_concurrency > 0;
}

}  // namespace

std::string problem_of(std::string_view name, const queue_limits& l) {
  const auto of = [&](const std::string& what) { return "queues: " + std::string(name) + ": " + what; };
  const bool odd = std::ranges::any_of(name, [](char c) { return c <= ' ' || c == ',' || c == ':' || c == '='; });
  if (name.empty() || odd) return "queues: a name takes letters and signs but ',', ':', '=' and blanks";
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

std::optional<queues> read_queues(const std::vector<std::string>& texts) {
  queues all;
  for (const std::string& text : texts) {
    std::istringstream words(text);
    std::string name;
    std::string word;
    queue_limits l;
    words >> name;
    while (words >> word) {
      if (!read_limit(word, l)) return std::nullopt;
    }
    if (!problem_of(name, l).empty() || !all.emplace(name, l).second) return std::nullopt;
  }
  return all;
}

}  // namespace banyan::detail
