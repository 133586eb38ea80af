#include "examples/wordtree/live_view.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace wordtree {
namespace {

constexpr double seconds_between_pictures = 0.1;
constexpr double seconds_between_lines = 2;
constexpr std::size_t most_subtrees = 8;
constexpr std::size_t lines_left_free = 2;

}  // namespace

live_view::live_view(banyan::runtime& rt, banyan::future<summary> job, std::string path, screen& out)
    : runtime_(rt), job_(std::move(job)), path_(std::move(path)), screen_(out) {
  next_ = screen_.is_terminal() ? 0 : seconds_between_lines;
}

void live_view::update() {
  screen_.print(activity::here().take_reports());
  const double now = std::chrono::duration<double>(clock::now() - start_).count();
  if (screen_.is_terminal()) {
    if (now < next_) return;
    next_ = now + seconds_between_pictures;
    screen_.show(draw(look(now), screen_.width()));
    return;
  }
  if (activity::here().total()) speed_.sample(now, job_.progress().calculated);
  if (now < next_) return;
  next_ = now + seconds_between_lines;
  screen_.print({one_line(look(now))});
}

picture live_view::look(double now) {
  const activity& here = activity::here();
  picture p;
  p.whole.name = path_;
  p.found_files = here.found_files();
  p.found_bytes = static_cast<double>(here.found_bytes());
  const auto total = here.total();
  p.measuring = !total;
  if (!total) return p;
  p.whole.total = static_cast<double>(*total);
  p.whole.done = std::min(job_.progress().calculated, p.whole.total);
  speed_.sample(now, p.whole.done);
  p.whole.rate = speed_.rate();
  p.whole.seconds_left = speed_.remaining(p.whole.total);
  if (screen_.is_terminal()) p.busiest = look_at_subtrees(now);
  return p;
}

std::vector<gauge> live_view::look_at_subtrees(double now) {
  std::unordered_map<banyan::key, watched> still_open;
  std::vector<gauge> all;
  for (const activity::open_subtree& open : activity::here().open_subtrees()) {
    auto known = watched_.extract(open.key);
    try {
      watched w = known ? std::move(known.mapped()) : watched{runtime_.find_handle(open.key), {}};
      gauge g{open.path.substr(path_ == "/" ? 1 : path_.size() + 1),
              w.future.progress().calculated,
              static_cast<double>(open.bytes),
              0,
              {}};
      w.speed.sample(now, g.done);
      g.rate = w.speed.rate();
      g.seconds_left = w.speed.remaining(g.total);
      all.push_back(std::move(g));
      still_open.emplace(open.key, std::move(w));
    } catch (const banyan::error&) {
      // It has ended since, and its record may be gone already.
    }
  }
  watched_ = std::move(still_open);

  const std::size_t height = screen_.height();
  const std::size_t room = std::min(most_subtrees, height - std::min(height, lines_left_free + 1));
  std::sort(all.begin(), all.end(), [](const gauge& a, const gauge& b) { return a.rate > b.rate; });
  if (all.size() > room) all.resize(room);
  std::sort(all.begin(), all.end(), [](const gauge& a, const gauge& b) { return a.name < b.name; });
  return all;
}

}  // namespace wordtree
