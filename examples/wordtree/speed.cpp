#include "examples/wordtree/speed.hpp"

namespace wordtree {

void speedometer::sample(double time, double done) {
  if (!points_.empty() && done < points_.back().done) points_.clear();  // it was started again
  points_.push_back({time, done});
  while (points_.size() > 2 && points_[1].time <= time - window) points_.pop_front();
}

double speedometer::rate() const {
  if (points_.size() < 2) return 0;
  const double time = points_.back().time - points_.front().time;
  return time < least_time ? 0 : (points_.back().done - points_.front().done) / time;
}

std::optional<double> speedometer::remaining(double total) const {
  const double speed = rate();
  if (!(speed > 0)) return std::nullopt;
  const double left = total - points_.back().done;
  return left > 0 ? left / speed : 0;
}

}  // namespace wordtree
