#include <unistd.h>

#include <fstream>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sanitized.hpp"

namespace banyan::test {
namespace {

int one() { return 1; }
BANYAN_FUNCTION(one)

task<long> many(context& ctx, int n) {
  std::vector<future<int>> children;
  children.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) children.push_back(ctx.spawn(one));
  long sum = 0;
  for (const auto& child : children) sum += co_await child;
  co_return sum;
}
BANYAN_FUNCTION(many)

/// The most memory that this process ever held, in MiB.
long peak_resident_mb() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
  }
  return -1;
}

class P10_memory : public Restart {};

TEST_F(P10_memory, of_a_parent_of_a_million_children_is_bounded) {
  constexpr int children = 1'000'000;
  const std::string answer = in_child([&] {
    const long sum = rt().spawn({.keep = keep::none}, many, children).get();
    const long peak = peak_resident_mb();
    if (sum != children) return "the sum is " + std::to_string(sum);
    std::cout << "peak resident size: " << peak << " MiB\n" << std::flush;
    return sanitized || (peak > 0 && peak < 1024) ? std::string("fits") : std::to_string(peak) + " MiB";
  });
  EXPECT_EQ(answer, "fits");
}

}  // namespace
}  // namespace banyan::test
