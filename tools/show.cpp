#include <array>
#include <cstdio>

#include "messages/clock.hpp"
#include "messages/json.hpp"
#include "persistence/view_json.hpp"
#include "tools/commands.hpp"
#include "tools/find_key.hpp"
#include "tools/format.hpp"

namespace banyan::tools {
namespace {

using detail::future_view;
using detail::millis;

/// Prints lines of a name and a value.
class sheet {
 public:
  explicit sheet(output& out) : out_(out) {}

  void line(std::string_view name, std::string_view value) { out_.line(padded(name, 11) + std::string(value)); }

  void time(std::string_view name, millis t, millis now) {
    if (t == 0) return;
    const std::string distance = t <= now ? age_text(now - t) + " ago" : "in " + age_text(t - now);
    line(name, detail::iso_time(t) + " (" + distance + ")");
  }

 private:
  output& out_;
};

std::string short_number(double v) {
  if (v == unknown_weight) return "unknown";
  char text[32];
  std::snprintf(text, sizeof text, "%g", v);
  return text;
}

std::string progress_text(const progress& p) {
  return percent_text(p) + " (" + short_number(p.calculated) + " of " + short_number(p.weight) + ", of that " +
         short_number(p.local) + " its own)";
}

std::string children_text(detail::store& s, const future_view& v) {
  std::array<std::size_t, 6> by_status{};
  std::size_t all = 0;
  detail::store_source source(s);
  for_each_child(source, v, [&](future_view&& child) {
    ++all;
    ++by_status[static_cast<std::size_t>(child.status)];
  });
  std::string text = number_text(all);
  std::string_view separator = ": ";
  for (std::size_t i = 0; i < by_status.size(); ++i) {
    if (by_status[i] == 0) continue;
    text += std::string(separator) + number_text(by_status[i]) + " " + std::string(to_string(static_cast<status>(i)));
    separator = ", ";
  }
  return text;
}

void print_identity(sheet& sheet, const future_view& v) {
  sheet.line("key", v.key.str());
  sheet.line("name", printable(v.name));
  sheet.line(v.promise ? "promise" : "function", printable(to_string(detail::function_ref{v.function, v.version})));
  if (v.parent) sheet.line("parent", v.parent->str());
  sheet.line("level", std::to_string(v.level));
}

void print_queue(sheet& sheet, const future_view& v) {
  if (!v.queue.empty()) sheet.line("queue", printable(v.queue));
  if (!v.queue_key.empty()) sheet.line("queue key", printable(v.queue_key));
  if (v.priority) sheet.line("priority", std::to_string(*v.priority));
}

void print_times(sheet& sheet, const future_view& v, millis now) {
  sheet.time("created", v.created, now);
  sheet.time("starts at", v.start_at, now);
  sheet.time("started", v.started, now);
  sheet.time("finished", v.finished, now);
  if (const auto runtime = runtime_of(v, now)) sheet.line("runtime", span_text(*runtime));
}

void print_outcome(sheet& sheet, const future_view& v) {
  if (!v.promise) sheet.line("arguments", detail::payload_to_json(v.arguments));
  if (v.status == status::success) {
    sheet.line("result", detail::payload_to_json(v.value));
  } else if (is_final(v.status)) {
    sheet.line("error", error_text(v.failure));
  }
  if (v.damage) sheet.line("damage", error_text(*v.damage));
}

}  // namespace

int show_future(detail::store& s, const request& r, output& out) {
  const future_view v = find_view(s, r.key);
  sheet sheet(out);
  print_identity(sheet, v);
  sheet.line("status", status_text(v));
  if (!v.parked.empty()) sheet.line("parked", printable(v.parked));
  if (is_final(v.status)) sheet.line("settled", v.settled ? "yes" : "no: something is left to do below it");
  print_queue(sheet, v);
  print_times(sheet, v, detail::now_ms());
  sheet.line("progress", progress_text(v.progress));
  sheet.line("attempt", std::to_string(v.attempt));
  for (const error_info& info : v.failed_attempts) sheet.line("  failed", error_text(info));
  sheet.line("children", children_text(s, v));
  print_outcome(sheet, v);
  return exit_success;
}

}  // namespace banyan::tools
