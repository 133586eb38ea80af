#pragma once

#include <cstddef>

#include "persistence/future_view.hpp"

namespace banyan::detail {

/// Is led through a tree from the top down, each future before its children. It may use the source.
class tree_visitor {
 public:
  virtual ~tree_visitor() = default;

  struct place {
    std::size_t depth = 0;  ///< below the top
    bool last = true;       ///< of its siblings
    bool open = false;      ///< its children are visited next
  };

  virtual void enter(const future_view& v, const place& at) = 0;
  /// After all that is below it, with the same place.
  virtual void leave(const place& at) = 0;
};

/// Leads a visitor through a future and what is up to `max_depth` levels below it. Deep trees cost no stack, wide ones
/// 8 bytes a sibling. False: there is no such future. Throws as `view_future` does.
bool walk_tree(view_source& source, const key& top, std::size_t max_depth, tree_visitor& visitor);

}  // namespace banyan::detail
