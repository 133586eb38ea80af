#include <algorithm>
#include <vector>

#include "messages/clock.hpp"
#include "persistence/tree_walk.hpp"
#include "persistence/view_json.hpp"
#include "tools/commands.hpp"
#include "tools/find_key.hpp"
#include "tools/format.hpp"

namespace banyan::tools {
namespace {

using detail::future_view;

class tree_printer final : public detail::tree_visitor {
 public:
  tree_printer(output& out, detail::millis now) : out_(out), now_(now) {}

  void enter(const future_view& v, const place& at) override {
    last_.push_back(at.last);
    out_.line(branch() + describe(v));
    for (const future_view& call : v.handlers) out_.line(stem(last_.size()) + "* " + describe(call));
  }
  void leave(const place&) override { last_.pop_back(); }

 private:
  /// Far down only the nearest levels are drawn: else a tree as deep as it is large would fill the square of its size.
  std::string branch() const {
    if (last_.size() <= 1) return "";
    return stem(last_.size() - 1) + (last_.back() ? "└─ " : "├─ ");
  }

  /// What goes on beside the levels above `level`.
  std::string stem(std::size_t level) const {
    constexpr std::size_t most = 24;
    std::string text;
    std::size_t from = 1;
    if (last_.size() > most) {
      from = last_.size() - most;
      text = "[" + std::to_string(last_.size() - 1) + "] ";
    }
    for (std::size_t i = from; i < level; ++i) text += last_[i] ? "   " : "│  ";
    return text;
  }

  std::string describe(const future_view& v) const {
    std::string text = printable(v.name.empty() ? "?" : v.name) + "  " + status_text(v);
    if (!is_final(v.status)) text += " " + percent_text(v.progress);
    if (const auto runtime = runtime_of(v, now_)) text += "  " + span_text(*runtime);
    text += "  " + v.key.str();
    if (v.status == status::failure) text += "  " + error_text(v.failure);
    if (!v.parked.empty()) text += "  " + printable(v.parked);
    if (v.damage) text += "  " + error_text(*v.damage);
    return text;
  }

  output& out_;
  const detail::millis now_;
  std::vector<bool> last_;  ///< of each future from the top to here: is it the last of its siblings?
};

}  // namespace

int show_tree(detail::store& s, const request& r, output& out) {
  const key k = find_view(s, r.key).key;
  detail::store_source source(s);
  if (r.json) {
    view_json(source, k, r.depth, detail::now_ms(), [&](std::string_view piece) { out.write(piece); });
    out.write("\n");
    return exit_success;
  }
  tree_printer printer(out, detail::now_ms());
  walk_tree(source, k, r.depth, printer);
  return exit_success;
}

}  // namespace banyan::tools
