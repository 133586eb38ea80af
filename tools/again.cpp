#include "persistence/again.hpp"

#include <chrono>
#include <thread>

#include "persistence/submit.hpp"
#include "tools/commands.hpp"
#include "tools/find_key.hpp"

namespace banyan::tools {
namespace {

/// Waits for a while until nothing runs any more below a root that is to be run again.
void await_rest(detail::store& s, detail::view_source& source, const key& root) {
  using namespace std::chrono_literals;
  constexpr auto patience = 10s;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (runs_below(source, root) && std::chrono::steady_clock::now() < give_up) {
    if (!s.has_driver()) {
      throw error(errc::invalid_argument, root.str() +
                                              " is not settled yet, and no program runs this store: what is open below "
                                              "it ends when one opens it; try again then");
    }
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace

int retry_root(detail::store& s, const request& r, output& out) {
  detail::store_source source(s);
  const key root = find_key(s, r.key);
  await_rest(s, source, root);
  out.line(submit_again(s, retry_of(source, root), s.time()).str());
  return exit_success;
}

int fork_root(detail::store& s, const request& r, output& out) {
  detail::store_source source(s);
  out.line(submit_again(s, fork_of(source, find_key(s, r.key), find_key(s, r.from)), s.time()).str());
  return exit_success;
}

}  // namespace banyan::tools
