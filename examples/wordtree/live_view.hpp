#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include <banyan/banyan.hpp>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/picture.hpp"
#include "examples/wordtree/results.hpp"
#include "examples/wordtree/screen.hpp"
#include "examples/wordtree/speed.hpp"

namespace wordtree {

/// Shows how far the job is: as a picture on a terminal, else as a line every few seconds.
class live_view {
 public:
  live_view(banyan::runtime& rt, banyan::future<summary> job, std::string path, screen& out);

  /// Looks at the job and shows it, at most ten times a second.
  void update();

 private:
  using clock = std::chrono::steady_clock;
  struct watched {
    banyan::future_handle future;
    speedometer speed;
  };

  picture look(double now);
  std::vector<gauge> look_at_subtrees(double now);

  banyan::runtime& runtime_;
  banyan::future<summary> job_;
  std::string path_;
  screen& screen_;
  const clock::time_point start_ = clock::now();
  double next_ = 0;
  speedometer speed_;
  std::unordered_map<banyan::key, watched> watched_;
};

}  // namespace wordtree
