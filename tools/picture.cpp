#include "tools/picture.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "tools/format.hpp"

namespace banyan::tools {
namespace {

using detail::future_view;
using detail::millis;

/// A future in the picture.
struct node {
  future_view view;
  std::vector<std::size_t> shown;  ///< children in the picture
  std::size_t children = 0;
  std::size_t ended = 0;
  std::size_t failed = 0;
};

double weight_left(const future_view& v) { return v.progress.weight - v.progress.calculated; }

/// What runs comes first, then what weighs more.
bool before(const future_view& a, const future_view& b) {
  if (a.status != b.status) return a.status == status::running || b.status == status::pending;
  return weight_left(a) > weight_left(b);
}

class painter {
 public:
  painter(detail::view_source& source, millis now, screen_size size) : source_(source), now_(now), size_(size) {}

  std::vector<std::string> paint(const future_view& top) {
    nodes_.push_back({top, {}});
    // The widest view first: a whole level before the next one.
    for (std::size_t i = 0; i < nodes_.size() && free_rows() > 0; ++i) expand(i);
    std::vector<std::string> lines{fitted(title(top)), fitted(headline())};
    add_children(0, "", lines);
    return lines;
  }

 private:
  /// The title and the headline take a row each, and the cursor waits in the last.
  std::size_t free_rows() const {
    const std::size_t taken = nodes_.size() + 2;
    return size_.rows > taken ? size_.rows - taken : 0;
  }

  void expand(std::size_t at) {
    std::vector<future_view> open;
    const std::size_t most = free_rows();
    node& parent = nodes_[at];
    for_each_child(source_, parent.view, [&](future_view&& child) {
      ++parent.children;
      if (child.status == status::failure) ++parent.failed;
      if (is_final(child.status)) {
        ++parent.ended;
      } else {
        keep_best(open, std::move(child), most);
      }
    });
    std::ranges::sort(open, before);
    for (future_view& child : open) {
      parent.shown.push_back(nodes_.size());
      nodes_.push_back({std::move(child), {}});
    }
  }

  /// A heap whose front is the one to give way.
  static void keep_best(std::vector<future_view>& best, future_view&& v, std::size_t most) {
    if (best.size() == most) {
      if (!before(v, best.front())) return;
      std::ranges::pop_heap(best, before);
      best.pop_back();
    }
    v.arguments.clear();
    best.push_back(std::move(v));
    std::ranges::push_heap(best, before);
  }

  std::string title(const future_view& top) const { return printable(top.name) + "  " + top.key.str(); }

  std::string headline() const {
    const node& top = nodes_.front();
    return status_text(top.view) + "  " + bar(top.view.progress.fraction(), 20) + " " + advance_text(top.view, now_) +
           children_text(top);
  }

  static std::string children_text(const node& n) {
    if (n.children == 0) return "";
    std::string text = "  " + number_text(n.ended) + "/" + number_text(n.children) + " children";
    if (n.failed > 0) text += ", " + number_text(n.failed) + " failed";
    return text;
  }

  std::string describe(const node& n) const {
    const future_view& v = n.view;
    std::string text = padded(clipped(printable(v.name), 32), 24) + " " + padded(status_text(v), 8);
    if (v.status != status::pending) text += bar(v.progress.fraction(), 8) + " " + padded(percent_text(v.progress), 4);
    if (const auto runtime = runtime_of(v, now_)) text += "  " + span_text(*runtime);
    return text + children_text(n);
  }

  /// Recursive: the picture is no deeper than the screen is high.
  void add_children(std::size_t at, const std::string& indent, std::vector<std::string>& lines) const {
    const std::vector<std::size_t>& shown = nodes_[at].shown;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const bool last = i + 1 == shown.size();
      lines.push_back(fitted(indent + (last ? "└─ " : "├─ ") + describe(nodes_[shown[i]])));
      add_children(shown[i], indent + (last ? "   " : "│  "), lines);
    }
  }

  std::string fitted(const std::string& line) const { return clipped(line, size_.columns); }

  detail::view_source& source_;
  const millis now_;
  const screen_size size_;
  std::deque<node> nodes_;  ///< a reference to one stays good while others are added
};

}  // namespace

std::vector<std::string> draw_tree(detail::view_source& source, const future_view& top, millis now, screen_size size) {
  return painter(source, now, size).paint(top);
}

std::string advance_text(const future_view& v, millis now) {
  std::string text = percent_text(v.progress);
  const auto runtime = runtime_of(v, now);
  if (!runtime) return text;
  text += "  " + span_text(*runtime);
  const double done = v.progress.fraction();
  constexpr double enough_to_tell = 0.01;
  if (is_final(v.status) || !(done > enough_to_tell) || done >= 1) return text;
  return text + ", about " + span_text(std::llround(static_cast<double>(*runtime) * (1 - done) / done)) + " left";
}

}  // namespace banyan::tools
