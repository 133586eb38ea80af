#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/membership.hpp"
#include "persistence/redis_lease.hpp"
#include "persistence/redis_notices.hpp"

namespace banyan::detail {

/// The nodes that share a Redis: docs/internals/redis-layout.md.
///
/// Errors besides those of the store: `store_read_only` for a change by who opened it to read, `invalid_argument` for
/// what only a driver can do, `store_fenced`.
class redis_membership final : public membership {
 public:
  /// `lease` is null for who is no driver; all outlive this.
  redis_membership(redis_caller& caller, const redis_layout& layout, const redis_scripts& scripts,
                   redis_notices& notices, redis_lease* lease, open_mode mode, std::string store_name);

  incarnation_id incarnation() const override { return lease_ ? lease_->incarnation() : 0; }
  void announce(const bytes& about) override;
  bool leave() override;
  std::vector<member> members() override;
  bool set_draining(std::string_view name, bool wanted) override;
  bool forget(std::string_view name) override;
  void post(incarnation_id to, const bytes& message) override;
  std::vector<posted> take_posts() override;
  std::vector<family_id> roots_of(std::string_view name, std::size_t most) override;
  bool take_root(const family_id& root, std::string_view from) override;
  bool give_root(const family_id& root, std::string_view to) override;

 private:
  void expect_writable() const;
  redis_lease& expect_driver() const;
  redis_reply run(redis_script s, std::size_t keys, std::span<const std::string> arguments);
  /// What a script answers that may answer with a lease, which is ended if its holder is known to be dead.
  long long run_unless_alive(redis_script s, std::size_t keys, std::span<const std::string> arguments,
                             const std::string& lease);

  redis_caller& caller_;
  const redis_layout& layout_;
  const redis_scripts& scripts_;
  redis_notices& notices_;
  redis_lease* const lease_;
  const open_mode mode_;
  const std::string store_name_;
};

}  // namespace banyan::detail
