#include <algorithm>
#include <vector>

#include "messages/clock.hpp"
#include "messages/json_writer.hpp"
#include "persistence/future_view.hpp"
#include "persistence/view_json.hpp"
#include "tools/commands.hpp"
#include "tools/format.hpp"
#include "tools/table.hpp"

namespace banyan::tools {
namespace {

using detail::future_view;
using detail::root_entry;

future_view read_root(detail::view_source& source, const root_entry& root) {
  const key k{root.family, 0};
  std::optional<future_view> v = view_future(source, k);
  if (v) return std::move(*v);
  future_view missing;
  missing.key = k;
  missing.created = root.created;
  missing.damage = error_info{errc::corrupt_record, "the root is listed, but its record is missing", {}, k};
  return missing;
}

/// Oldest first; the key alone does not say how old a root is that was given an id.
std::vector<root_entry> roots_by_age(detail::store& s) {
  std::vector<root_entry> roots = s.roots(false);
  std::ranges::stable_sort(roots, {}, &root_entry::created);
  return roots;
}

void print_json(const std::vector<root_entry>& roots, detail::view_source& source, const request& r, output& out) {
  detail::json_writer json;
  const detail::millis now = detail::now_ms();
  json.begin_array();
  for (const root_entry& root : roots) {
    const future_view v = read_root(source, root);
    if (r.status && v.status != *r.status) continue;
    json.begin_object();
    write_view(json, v, now);
    json.end_object();
    out.write(json.take());
  }
  json.end_array();
  out.line(json.take());
}

std::vector<std::string> make_row(const future_view& v, detail::millis now) {
  return {v.key.str(),    printable(v.name),        printable(v.function),
          status_text(v), percent_text(v.progress), age_text(now - v.created)};
}

}  // namespace

int list_roots(detail::store& s, const request& r, output& out) {
  detail::store_source source(s);
  const std::vector<root_entry> roots = roots_by_age(s);
  if (r.json) {
    print_json(roots, source, r, out);
    return exit_success;
  }
  const detail::millis now = detail::now_ms();
  std::vector<std::vector<std::string>> rows{{"KEY", "NAME", "FUNCTION", "STATUS", "PROGRESS", "AGE"}};
  for (const root_entry& root : roots) {
    const future_view v = read_root(source, root);
    if (!r.status || v.status == *r.status) rows.push_back(make_row(v, now));
  }
  print_table(rows, out);
  return exit_success;
}

}  // namespace banyan::tools
