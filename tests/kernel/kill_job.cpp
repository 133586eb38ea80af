/// A job whose side effects are written down, to be killed at any moment: kill_job STORE NOTES DEPTH WIDTH.
/// Prints the job's result when it is done.

#include <cstdlib>
#include <iostream>
#include <thread>

#include <banyan/banyan.hpp>

#include "tests/support/side_effects.hpp"

namespace {

using namespace std::chrono_literals;

long leaf(banyan::context& ctx, std::string notes) {
  banyan::test::note(notes, ctx.key().str());
  std::this_thread::sleep_for(1ms);
  return 1;
}
BANYAN_FUNCTION(leaf)

banyan::task<long> branch(banyan::context& ctx, std::string notes, int depth, int width) {
  if (depth == 0) {
    const std::string name = ctx.key().str() + " step";
    co_return co_await ctx.run("side effect", [&] { return banyan::test::note(notes, name), 1000; });
  }
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < width; ++i) {
    children.push_back(ctx.spawn(branch, notes, depth - 1, width));
    children.push_back(ctx.spawn(leaf, notes));
  }
  co_await ctx.sleep(1ms);
  long sum = 0;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(branch)

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string notes = argv[2];
  banyan::runtime rt{{.store = argv[1], .threads = 2, .log = [](banyan::log_level, std::string_view) {}}};
  const auto job = rt.spawn({.id = "job"}, branch, notes, std::atoi(argv[3]), std::atoi(argv[4]));
  std::cout << job.get() << std::endl;
  rt.wait_idle();
}
