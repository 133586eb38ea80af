#include <cstdio>

#include "messages/json.hpp"
#include "tools/commands.hpp"
#include "tools/ending.hpp"
#include "tools/find_key.hpp"
#include "tools/format.hpp"

namespace banyan::tools {

void complain(std::string_view what) { std::fputs(("banyan: " + printable(what) + "\n").c_str(), stderr); }

int report_ending(const detail::future_view& v) {
  switch (v.status) {
    case status::success: return exit_success;
    case status::cancelled: complain(v.key.str() + " was cancelled: " + error(v.failure).what()); return exit_cancelled;
    default: complain(v.key.str() + " failed: " + error(v.failure).what()); return exit_failure;
  }
}

int print_result(detail::store& s, const request& r, output& out) {
  const detail::future_view v = find_view(s, r.key);
  if (is_final(v.status)) {
    if (v.status == status::success) out.line(detail::payload_to_json(v.value));
    return report_ending(v);
  }
  if (v.damage) throw error(*v.damage);
  throw error(errc::not_found, v.key.str() + " has no result yet: it is " + status_text(v) + " at " +
                                   percent_text(v.progress) + "; `banyan watch` waits for it");
}

}  // namespace banyan::tools
