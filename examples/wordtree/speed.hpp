#pragma once

#include <deque>
#include <optional>

namespace wordtree {

/// How fast something grows, over the last few seconds.
class speedometer {
 public:
  /// What is done by now. Time is in seconds and does not go back. What was done by the first sample counts as given.
  void sample(double time, double done);

  /// How much a second; 0 until that can be told.
  double rate() const;

  /// Seconds until `total` is reached at this rate, if it will be.
  std::optional<double> remaining(double total) const;

 private:
  struct point {
    double time, done;
  };
  static constexpr double window = 4;
  static constexpr double least_time = 0.05;
  std::deque<point> points_;
};

}  // namespace wordtree
