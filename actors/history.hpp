#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "messages/record.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// What the record holds of one future's earlier runs: the entries of its current attempt, which a re-run must meet
/// again, and those of earlier attempts, from which what succeeded is taken over.
/// Pure: it neither loads nor writes.
class history {
 public:
  /// What a function asked for at a number.
  struct request {
    entry_kind kind = entry_kind::call;
    step_kind step = step_kind::run;
    std::string_view name;     ///< of the function, the promise or the step
    std::uint64_t digest = 0;  ///< of a call

    std::string describe() const;
    /// Of the step in its place where a call or a promise was refused.
    std::string refused_name() const;
  };

  struct answer {
    enum class what : std::uint8_t {
      fresh,       ///< nothing is recorded
      recorded,    ///< `entry` and `found` are what this attempt did here
      taken_over,  ///< `entry` and `found` are a success of an earlier attempt, to be recorded anew
      replaces,    ///< an earlier attempt's child at `earlier`, that did not succeed
      differs,     ///< the record holds something else: `why`
    };
    what kind = what::fresh;
    detail::entry entry;
    record found;
    key earlier;
    std::optional<key> until;  ///< with `replaces`: of that nothing from here on
    std::string why;
  };

  /// Where what is taken over ends: with the numbers below this. `within`: at this one is a child below which it ends,
  /// and which is made anew.
  struct fork {
    std::uint64_t number = 0;
    std::optional<key> within;
  };

  /// `own`: the family of the current attempt. `now`: what was to end by then has ended.
  explicit history(const family_id& own = {}, millis now = 0) : own_(own), now_(now) {}

  /// Entries are added by rising index; of earlier attempts the newest first.
  void add_current(record r);
  void add_earlier(const family_id& family, record r, const std::optional<fork>& end = std::nullopt);

  bool empty() const { return current_.empty() && earlier_.empty(); }

  /// What is recorded for the next number. Throws `error` (`corrupt_record`).
  answer match(std::uint64_t number, const request& asked);

  /// The entries of the current attempt that no request has met yet.
  bool exhausted() const { return next_ == current_.size(); }
  std::vector<record> take_rest();
  /// "7 (call of add)": the first entry that was not met.
  std::string describe_next() const;

 private:
  answer match_earlier(std::uint64_t number, const request& asked);

  struct earlier_entry {
    key where;
    record found;
    std::optional<key> until;  ///< it is not taken over, but what is below it up to here
  };

  bool is_answer(const entry& e, const record& r) const;
  bool gives(const earlier_entry& e) const;
  bool is_same_elsewhere(earlier_entry& there, entry& e, const request& asked, bool& stands) const;

  const family_id own_;
  const millis now_;
  std::unordered_set<std::uint64_t> taken_over_;
  std::vector<record> current_;
  std::size_t next_ = 0;
  std::unordered_map<std::uint64_t, earlier_entry> earlier_;
};

/// What a recorded entry is, in words and as a request.
history::request request_of(const entry& e);

/// True when nothing below a recorded future is open any more.
bool is_settled(const record& r);

}  // namespace banyan::detail
