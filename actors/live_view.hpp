#pragma once

#include <memory>

#include "persistence/future_view.hpp"

namespace banyan::detail {

class engine;

/// Views of a runtime's futures: from the records, wherever they are kept, and better known where they are alive.
class live_view final : public view_source {
 public:
  explicit live_view(std::shared_ptr<engine> e) : engine_(std::move(e)) {}

  /// Throws `error` (`not_found`).
  future_view require(const key& k);

  std::optional<record> load(const key& k) override;
  bytes header(const family_id& family) override;
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override;
  void overlay(future_view& v) override;

 private:
  std::shared_ptr<engine> engine_;
};

}  // namespace banyan::detail
