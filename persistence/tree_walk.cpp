#include "persistence/tree_walk.hpp"

#include "messages/family.hpp"

namespace banyan::detail {
namespace {

class walker {
 public:
  walker(view_source& source, std::size_t max_depth, tree_visitor& visitor)
      : source_(source), max_depth_(max_depth), visitor_(visitor) {}

  void run(const future_view& top) {
    open(top, true);
    while (!levels_.empty()) {
      level& siblings = levels_.back();
      if (siblings.next == siblings.indexes.size()) {
        const tree_visitor::place done = siblings.parent_at;
        levels_.pop_back();
        visitor_.leave(done);
      } else {
        step(siblings);
      }
    }
  }

 private:
  /// The children of one future.
  struct level {
    tree_visitor::place parent_at;
    family_id family;
    family_id first_family;  ///< of the parent's first attempt: that of what it has adopted
    future_place place;
    std::vector<std::uint64_t> indexes;
    std::size_t next = 0;
  };

  void step(level& siblings) {
    const std::uint64_t index = siblings.indexes[siblings.next++];
    const key k{is_adopted(index) ? siblings.first_family : siblings.family, index};
    const bool last = siblings.next == siblings.indexes.size();
    std::optional<record> r = source_.load(k);
    std::optional<future_view> v = r ? read_view(k, siblings.place, std::move(*r)) : std::nullopt;
    if (!v) return;
    source_.overlay(*v);
    open(std::move(*v), last);
  }

  /// Enters a future; its children become the last level if they are to be visited.
  void open(future_view v, bool last) {
    for_each_handler(source_, v, [&](future_view&& call) { v.handlers.push_back(std::move(call)); });
    const tree_visitor::place at{levels_.size(), last, levels_.size() < max_depth_};
    visitor_.enter(v, at);
    if (!at.open) {
      visitor_.leave(at);
      return;
    }
    level children{at, child_family(v.key, v.attempt), child_family(v.key, 1), {v.key, v.level + 1}, {}};
    for_each_child(source_, v, [&](future_view&& child) { children.indexes.push_back(child.key.index); });
    levels_.push_back(std::move(children));
  }

  view_source& source_;
  const std::size_t max_depth_;
  tree_visitor& visitor_;
  std::vector<level> levels_;
};

}  // namespace

bool walk_tree(view_source& source, const key& top, std::size_t max_depth, tree_visitor& visitor) {
  const std::optional<future_view> v = view_future(source, top);
  if (!v) return false;
  walker(source, max_depth, visitor).run(*v);
  return true;
}

}  // namespace banyan::detail
