#pragma once

#include <banyan/options.hpp>

#include "actors/life.hpp"
#include "messages/family.hpp"

namespace banyan::test {

/// Makes the lives of one runtime's futures, without actors.
class lives {
 public:
  detail::life_ptr root(const options& opts = {}) {
    return detail::life_ptr(new detail::life({{1, ++made_}, 0}, {}, 1, opts, epoch));
  }

  /// The next child of this attempt of `parent`.
  detail::life_ptr child(const detail::life_ptr& parent, const options& opts = {}, std::uint32_t attempt = 1) {
    const key k{detail::child_family(parent->self, attempt), ++made_};
    return detail::life_ptr(new detail::life(k, parent, attempt, opts, epoch));
  }

  detail::life_ptr child(const detail::life_ptr& parent, on_parent_done policy, std::uint32_t attempt = 1) {
    return child(parent, {.on_parent_done = policy}, attempt);
  }

  detail::stop_epoch epoch{0};

 private:
  std::uint64_t made_ = 0;
};

}  // namespace banyan::test
