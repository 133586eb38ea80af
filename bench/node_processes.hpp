#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <banyan/runtime.hpp>

namespace bench {

/// Node `number` of a cluster on loopback, named bench-NUMBER: 2 threads, 50 blocking calls at a time.
banyan::runtime_options node_options_of(const std::string& store, int number);

/// The other nodes, numbered from 1, each a process that ends with this one. Made before this process has threads.
class node_processes {
 public:
  /// `job`: what each does once it runs.
  node_processes(const std::string& store, int count, const std::function<void(banyan::runtime&)>& job = {});
  ~node_processes() { kill(); }
  node_processes(const node_processes&) = delete;
  node_processes& operator=(const node_processes&) = delete;

  void signal(int number) const;
  void kill();
  /// Of all of them together.
  double cpu_seconds() const;
  std::size_t resident_bytes() const;

 private:
  void start(const std::string& store, int number, const std::function<void(banyan::runtime&)>& job);

  std::vector<pid_t> processes_;
};

/// Waits until so many are connected, with this one. These two throw `std::runtime_error` when it takes too long.
void await_nodes(banyan::runtime& rt, int count);
void wait_for(const std::string& what, const std::function<bool()>& condition);

bool is_alive(banyan::runtime& rt, const std::string& name);

template <class Job>
double seconds_of(Job job) {
  const auto begin = std::chrono::steady_clock::now();
  job();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace bench
