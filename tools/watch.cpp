#include <chrono>

#include "messages/clock.hpp"
#include "tools/commands.hpp"
#include "tools/ending.hpp"
#include "tools/find_key.hpp"
#include "tools/follow.hpp"
#include "tools/format.hpp"
#include "tools/picture.hpp"
#include "tools/screen.hpp"

namespace banyan::tools {
namespace {

using namespace std::chrono_literals;
using detail::future_view;

/// How a watched future is shown.
class display {
 public:
  virtual ~display() = default;
  virtual void show(const future_view& v, bool driven) = 0;
  virtual std::chrono::milliseconds interval() const = 0;
};

constexpr std::string_view undriven = "no program runs it now";

/// A picture that is redrawn in place.
class live_display final : public display {
 public:
  live_display(detail::view_source& source, output& out) : source_(source), screen_(out) {}

  void show(const future_view& v, bool driven) override {
    screen_size size = screen_.size();
    std::vector<std::string> lines = draw_tree(source_, v, detail::now_ms(), {size.rows - 1, size.columns});
    if (!driven && !is_final(v.status)) lines.push_back(clipped("(" + std::string(undriven) + ")", size.columns));
    screen_.draw(lines);
  }
  std::chrono::milliseconds interval() const override { return 100ms; }

 private:
  detail::view_source& source_;
  screen screen_;
};

/// A line whenever there is something to tell.
class line_display final : public display {
 public:
  explicit line_display(output& out) : out_(out) {}

  void show(const future_view& v, bool driven) override {
    std::string news = status_text(v) + "  " + percent_text(v.progress);
    if (!driven && !is_final(v.status)) news += "  (" + std::string(undriven) + ")";
    if (news == told_) return;
    told_ = std::move(news);
    std::string line = v.key.str() + "  " + status_text(v) + "  " + advance_text(v, detail::now_ms());
    if (!driven && !is_final(v.status)) line += "  (" + std::string(undriven) + ")";
    out_.line(line);
    out_.flush();
  }
  std::chrono::milliseconds interval() const override { return 500ms; }

 private:
  output& out_;
  std::string told_;
};

std::unique_ptr<display> make_display(detail::view_source& source, output& out) {
  if (out.interactive()) return std::make_unique<live_display>(source, out);
  return std::make_unique<line_display>(out);
}

}  // namespace

int watch_future(detail::store& s, const request& r, output& out) {
  const key k = find_view(s, r.key).key;
  detail::store_source source(s);
  const signal_guard signals;
  future_view v;
  {
    const std::unique_ptr<display> shown = make_display(source, out);
    v = follow(s, k, shown->interval(), signals, [&](const future_view& now) { shown->show(now, s.has_driver()); });
  }
  return is_final(v.status) ? report_ending(v) : exit_by_signal + signals.received();
}

}  // namespace banyan::tools
