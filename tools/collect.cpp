#include "persistence/drop_tree.hpp"
#include "tools/commands.hpp"
#include "tools/format.hpp"

namespace banyan::tools {

int collect_garbage(detail::store& s, const request& r, output& out) {
  const auto commit = [&](std::vector<detail::write>&& writes) {
    std::vector<detail::write_outcome> outcomes(writes.size());
    s.commit(writes, outcomes);
  };
  std::size_t records = 0;
  std::size_t trees = 0;
  std::vector<family_id> roots;
  if (r.older_than) {
    roots = roots_settled_by(s, s.time() - *r.older_than);
  } else {
    for (const auto& root : roots_to_forget(s, s.time(), detail::default_retention)) roots.push_back(root.family);
  }
  for (const family_id& root : roots) {
    try {
      records += drop_root(s, root, commit);
      ++trees;
    } catch (const error& e) {
      // Its driver may collect garbage too.
      if (e.code() != errc::not_found) throw;
    }
  }
  out.line("forgot " + number_text(trees) + (trees == 1 ? " tree" : " trees") + " of " + number_text(records) +
           (records == 1 ? " record" : " records"));
  return exit_success;
}

}  // namespace banyan::tools
