#include "persistence/again.hpp"

#include "persistence/submit.hpp"
#include "tools/commands.hpp"
#include "tools/find_key.hpp"

namespace banyan::tools {

int retry_root(detail::store& s, const request& r, output& out) {
  detail::store_source source(s);
  out.line(submit_again(s, retry_of(source, find_key(s, r.key)), s.time()).str());
  return exit_success;
}

int fork_root(detail::store& s, const request& r, output& out) {
  detail::store_source source(s);
  out.line(submit_again(s, fork_of(source, find_key(s, r.key), find_key(s, r.from)), s.time()).str());
  return exit_success;
}

}  // namespace banyan::tools
