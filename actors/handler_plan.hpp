#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <banyan/status.hpp>

#include "messages/handlers.hpp"

namespace banyan::detail {

/// Which handlers of a future are to be called, and after what. Pure.
class handler_plan {
 public:
  /// `opts` must live as long as this.
  explicit handler_plan(const options& opts) : all_(handlers_of(opts)) {}

  const std::vector<event_handler>& all() const { return all_; }

  /// The function has ended, and all children of its last attempt are settled. `result`: that of the future, if there
  /// is one by now. Returns the numbers of those that are to be called.
  std::vector<std::size_t> after_children(bool all_succeeded, std::optional<status> result);
  /// The future has a result.
  std::vector<std::size_t> after_result(status result);

  bool awaits_children() const { return !children_told_; }
  bool awaits_result() const { return !result_told_; }
  /// True once, when nothing more will be called.
  bool close();

 private:
  template <class Due>
  std::vector<std::size_t> select(Due due) const;

  const std::vector<event_handler> all_;
  bool children_told_ = false;
  bool result_told_ = false;
  bool closed_ = false;
};

}  // namespace banyan::detail
