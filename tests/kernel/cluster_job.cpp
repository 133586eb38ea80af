/// A node whose jobs write down their side effects, to be killed at any moment: cluster_job NAME STORE NOTES
/// [LEASE-MS]. Does what the lines of its standard input say, and answers each with a line:
///   meet N           waits until N nodes are connected
///   spawn ID A B     starts a job of A branches of B leaves each
///   leave            ends in good order, as the end of the input does

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <banyan/banyan.hpp>

#include "tests/support/side_effects.hpp"
#include "tests/support/wait_until.hpp"

namespace {

using namespace std::chrono_literals;

constexpr banyan::placement::kind spread = banyan::placement::kind::spread;

long leaf(banyan::context& ctx, std::string notes) {
  banyan::test::note(notes, ctx.key().str());
  return 1;
}
BANYAN_FUNCTION(leaf)

banyan::task<long> branch(banyan::context& ctx, std::string notes, int leaves) {
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < leaves; ++i) children.push_back(ctx.spawn({.placement = {spread}}, leaf, notes));
  long sum = 1;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(branch)

banyan::task<long> top(banyan::context& ctx, std::string notes, int branches, int leaves) {
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < branches; ++i) children.push_back(ctx.spawn({.placement = {spread}}, branch, notes, leaves));
  long sum = 1;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(top)

bool met(banyan::runtime& rt, int count) {
  try {
    const auto nodes = rt.nodes();
    return std::ranges::count_if(nodes, &banyan::node_info::connected) == count;
  } catch (const banyan::error& e) {
    if (e.code() != banyan::errc::store_fenced && e.code() != banyan::errc::store_unavailable) throw;
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string notes = argv[3];
  banyan::runtime_options options{.store = argv[2], .name = argv[1], .threads = 2};
  options.node.listen = argc > 5 ? argv[5] : "127.0.0.1:0";
  options.node.insecure = argc > 5;
  options.node.lease = std::chrono::milliseconds(argc > 4 ? std::atoi(argv[4]) : 2000);
  options.node.heartbeat = options.node.lease / 10;
  banyan::runtime rt{options};
  std::cout << "ready" << std::endl;
  for (std::string word; std::cin >> word && word != "leave";) {
    if (word == "meet") {
      int count = 0;
      std::cin >> count;
      if (!banyan::test::wait_until([&] { return met(rt, count); })) return 1;
      std::cout << "met" << std::endl;
    } else if (word == "spawn") {
      std::string id;
      int branches = 0;
      int leaves = 0;
      std::cin >> id >> branches >> leaves;
      rt.spawn({.id = id}, top, notes, branches, leaves);
      std::cout << "spawned" << std::endl;
    }
  }
}
