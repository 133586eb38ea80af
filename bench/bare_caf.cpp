#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "bench/workloads.hpp"

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

class leaf_actor final : public caf::event_based_actor {
 public:
  leaf_actor(caf::actor_config& cfg, caf::actor parent, std::uint64_t number)
      : caf::event_based_actor(cfg), parent_(std::move(parent)), number_(number) {}
  caf::behavior make_behavior() override {
    send(parent_, number_);
    return {};
  }

 private:
  caf::actor parent_;
  std::uint64_t number_;
};

/// Spawns its children in chunks, since the scheduler's ready queues are slow when they are long.
class flat_actor final : public caf::event_based_actor {
 public:
  flat_actor(caf::actor_config& cfg, caf::actor parent, std::uint64_t n)
      : caf::event_based_actor(cfg), parent_(std::move(parent)), missing_(n), unspawned_(n) {}
  caf::behavior make_behavior() override {
    spawn_chunk();
    return {[this](std::uint64_t number) {
      sum_ += number;
      if (--running_ == 0) spawn_chunk();
      if (--missing_ > 0) return;
      send(parent_, sum_);
      quit();
    }};
  }

 private:
  void spawn_chunk() {
    constexpr std::uint64_t chunk = 1000;
    for (; running_ < chunk && unspawned_ > 0; ++running_) spawn<leaf_actor>(caf::actor(this), --unspawned_);
  }

  caf::actor parent_;
  std::uint64_t missing_;
  std::uint64_t unspawned_;
  std::uint64_t running_ = 0;
  std::uint64_t sum_ = 0;
};

class tree_actor final : public caf::event_based_actor {
 public:
  tree_actor(caf::actor_config& cfg, caf::actor parent, unsigned depth, unsigned fan_out)
      : caf::event_based_actor(cfg), parent_(std::move(parent)), depth_(depth), missing_(fan_out) {}
  caf::behavior make_behavior() override {
    if (depth_ == 0) {
      send(parent_, std::uint64_t{1});
      return {};
    }
    for (unsigned i = 0, n = missing_; i < n; ++i) spawn<tree_actor>(caf::actor(this), depth_ - 1, n);
    return {[this](std::uint64_t below) {
      sum_ += below;
      if (--missing_ > 0) return;
      send(parent_, sum_);
      quit();
    }};
  }

 private:
  caf::actor parent_;
  unsigned depth_;
  unsigned missing_;
  std::uint64_t sum_ = 1;
};

class chain_actor final : public caf::event_based_actor {
 public:
  chain_actor(caf::actor_config& cfg, caf::actor parent, std::uint64_t steps)
      : caf::event_based_actor(cfg), parent_(std::move(parent)), steps_(steps) {}
  caf::behavior make_behavior() override {
    send(this, std::uint64_t{0});
    return {[this](std::uint64_t step) {
      sum_ += step;
      if (step + 1 < steps_) {
        send(this, step + 1);
        return;
      }
      send(parent_, sum_);
      quit();
    }};
  }

 private:
  caf::actor parent_;
  std::uint64_t steps_;
  std::uint64_t sum_ = 0;
};

std::uint64_t receive_number(caf::scoped_actor& self) {
  std::uint64_t result = 0;
  self->receive([&](std::uint64_t number) { result = number; });
  return result;
}

}  // namespace

measurement run_bare(const shape& s, unsigned threads) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const caf::actor me(self);
  const auto start = clock::now();
  std::uint64_t found = 0;
  std::uint64_t wanted = s.n == 0 ? 0 : static_cast<std::uint64_t>(s.n) * (s.n - 1) / 2;
  if (s.workload == "W1") {
    system.spawn<flat_actor>(me, s.n);
    found = receive_number(self);
  } else if (s.workload == "W2") {
    system.spawn<tree_actor>(me, s.depth, s.fan_out);
    found = receive_number(self);
    wanted = units(s);
  } else if (s.workload == "W4") {
    system.spawn<chain_actor>(me, s.n);
    found = receive_number(self);
  } else {
    for (std::size_t i = 0; i < s.n; ++i) {
      system.spawn<leaf_actor>(me, i);
      found += receive_number(self);
    }
  }
  if (found != wanted) throw std::runtime_error("the bare actors gave a wrong result");
  return {std::chrono::duration<double>(clock::now() - start).count(), {}};
}

}  // namespace bench
