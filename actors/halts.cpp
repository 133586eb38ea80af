#include "actors/halts.hpp"

namespace banyan::detail {

std::uint64_t halts::begin(const std::vector<target>& targets, callback done) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = next_++;
    if (!targets.empty()) {
      waves_[number] = {{targets.begin(), targets.end()}, std::move(done)};
      return number;
    }
  }
  done();
  return number;
}

void halts::answered(std::uint64_t number, incarnation_id node, const key& k) {
  callback done;
  {
    const std::lock_guard lock(mutex_);
    const auto it = waves_.find(number);
    if (it == waves_.end()) return;
    it->second.open.erase({node, k});
    if (!it->second.open.empty()) return;
    done = std::move(it->second.done);
    waves_.erase(it);
  }
  done();
}

void halts::lost(incarnation_id node) {
  std::vector<callback> done;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = waves_.begin(); it != waves_.end();) {
      std::erase_if(it->second.open, [node](const target& t) { return t.first == node; });
      if (it->second.open.empty()) {
        done.push_back(std::move(it->second.done));
        it = waves_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const callback& call : done) call();
}

std::vector<std::pair<std::uint64_t, key>> halts::open_at(incarnation_id node) const {
  std::vector<std::pair<std::uint64_t, key>> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [number, w] : waves_) {
    for (const target& t : w.open) {
      if (t.first == node) found.emplace_back(number, t.second);
    }
  }
  return found;
}

bool halts::ask(request r) {
  const std::lock_guard lock(mutex_);
  if (!undone_.emplace(r.from, r.wave, r.future).second) return false;
  asked_.push_back(std::move(r));
  return asked_.size() == 1;
}

std::vector<halts::request> halts::take_asked() {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_, {});
}

void halts::done(incarnation_id from, std::uint64_t wave, const key& k) {
  const std::lock_guard lock(mutex_);
  undone_.erase({from, wave, k});
}

}  // namespace banyan::detail
