#pragma once

#include <map>
#include <set>
#include <vector>

#include "persistence/store.hpp"

namespace banyan::test {

/// What a store is to do, in the plainest form: all others are compared with it.
class model_store {
 public:
  /// `expires`: as the store that it is compared with.
  explicit model_store(bool expires) : expires_(expires) {}
  detail::write_outcome apply(const detail::write& w);

  std::optional<detail::record> load(const key& k) const;
  std::vector<detail::record> scan(const family_id& family) const;
  bytes header(const family_id& family) const;
  std::vector<detail::root_entry> roots(bool unsettled_only) const;
  std::vector<key> take_notices();

 private:
  struct family_model {
    bytes header;
    std::map<std::uint64_t, detail::record> records;
  };

  static detail::write_outcome put_once(bytes& reg, const bytes& value);
  void apply_to_roots(const detail::write& w);
  detail::write_outcome apply_to_record(const detail::write& w);

  const bool expires_;
  std::map<family_id, family_model> families_;
  std::map<family_id, detail::root_entry> roots_;
  std::set<key> notices_;
};

}  // namespace banyan::test
