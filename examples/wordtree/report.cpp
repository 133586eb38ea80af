#include "examples/wordtree/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
  return format_count(n) + " " + std::string(n == 1 ? one : many);
}

}  // namespace

std::string as_text(const report& r, const arguments& args) {
  const summary& s = r.counted;
  std::string text;
  const std::size_t shown = std::min<std::size_t>(args.top, s.top.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string count = format_count(s.top[i].second);
    text += std::string(14 - std::min<std::size_t>(14, count.size()), ' ') + count + "  " + s.top[i].first + '\n';
  }
  if (shown) text += '\n';
  text += printable(args.path) + ": " + plural(s.words, "word", "words") + ", " + format_count(s.distinct) +
          " different, in " + plural(s.files, "file", "files") + " of " + format_bytes(static_cast<double>(s.bytes));
  if (s.skipped) text += "; " + format_count(s.skipped) + " skipped";
  text += '\n' + plural(s.census.futures, "future", "futures");
  if (s.census.resumed()) text += ", " + format_count(s.census.resumed()) + " of them from the record";
  return text + ", " + format_seconds(r.seconds) + ", key " + r.key + '\n';
}

std::string as_json(const report& r, const arguments& args) {
  const summary& s = r.counted;
  nlohmann::ordered_json top = nlohmann::ordered_json::array();
  const std::size_t shown = std::min<std::size_t>(args.top, s.top.size());
  for (std::size_t i = 0; i < shown; ++i) top.push_back({s.top[i].first, s.top[i].second});
  const nlohmann::ordered_json object{{"key", r.key},
                                      {"path", args.path},
                                      {"files", s.files},
                                      {"skipped", s.skipped},
                                      {"bytes", s.bytes},
                                      {"words", s.words},
                                      {"distinct", s.distinct},
                                      {"top", std::move(top)},
                                      {"futures", s.census.futures},
                                      {"resumed_futures", s.census.resumed()},
                                      {"seconds", r.seconds}};
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace wordtree
