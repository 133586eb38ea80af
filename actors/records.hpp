#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "messages/record.hpp"
#include "persistence/journal.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Where a runtime keeps its records: the durable ones in its store, those of futures with `durable = false` in
/// the process's memory. Thread-safe.
class records {
 public:
  records(std::unique_ptr<store> backend, journal::settings s);

  journal& journal_of(bool durable) { return durable ? *durable_ : *passing_; }
  store& store_of(bool durable) { return durable ? *backend_ : *scratch_; }
  store& backend() { return *backend_; }

  /// A future's record, wherever it is kept, and whether that is durable. Sees all that was submitted before.
  struct located {
    record found;
    bool durable = true;
  };
  std::optional<located> find(const key& k);
  /// The header of a family, wherever it is kept; nothing if nobody has written one.
  std::optional<family_header> header(const family_id& family);
  /// All records of children and steps in a family, from both places, by rising index.
  std::vector<record> family(const family_id& family, bool durable);

  void write(bool durable, detail::write w, committed done = {});

  /// From here on nobody waits for a store that has been in trouble for `patience`: it is given up, as `stop` does.
  void lose_patience(std::chrono::milliseconds patience);
  void stop(std::chrono::milliseconds grace);

 private:
  std::unique_ptr<store> backend_;
  std::unique_ptr<store> scratch_;
  std::unique_ptr<journal> durable_;
  std::unique_ptr<journal> passing_;
};

}  // namespace banyan::detail
