#include "persistence/drop_tree.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "messages/family.hpp"
#include "messages/handlers.hpp"

namespace banyan::detail {
namespace {

class tree_ender {
 public:
  /// `kind` and `number` are of the writes that are made for families.
  tree_ender(store& s, const write_sink& sink, write::what kind = write::what::drop_family, std::int64_t number = 0)
      : store_(s), sink_(sink), kind_(kind), number_(number) {}

  /// Makes a family's write after those of all that is below its members.
  void end(const family_id& top) {
    open(top);
    while (!open_.empty()) {
      family_frame& f = open_.back();
      if (f.next == f.members.size()) {
        emit({kind_, f.family, 0, number_, {}});
        open_.pop_back();
        continue;
      }
      member& m = f.members[f.next];
      const key parent{f.family, m.index};
      const std::uint32_t attempt = m.attempt;
      if (m.attempt-- == m.last) ++f.next;
      open(child_family(parent, attempt));
    }
  }

  void emit(write w) {
    constexpr std::size_t batch_size = 256;
    batch_.push_back(std::move(w));
    if (batch_.size() == batch_size) flush();
  }

  void flush() {
    if (!batch_.empty()) sink_(std::exchange(batch_, {}));
  }

  std::size_t records() const { return records_; }

 private:
  struct member {
    std::uint64_t index;
    std::uint32_t attempt;  ///< whose family is to be opened next; from the newest down
    std::uint32_t last;
  };

  struct family_frame {
    banyan::family_id family;
    std::vector<member> members;
    std::size_t next = 0;
  };

  /// What may have families below it. A damaged spec may be a future's: looking below it costs some look-ups and loses
  /// nothing.
  static std::optional<member> member_of(const record& r) {
    if (is_message(r.index)) return std::nullopt;
    member m{r.index, static_cast<std::uint32_t>(r.attempts.size() + 1), handlers_attempt};
    try {
      const entry e = decode_entry(r.spec);
      if (e.kind != entry_kind::call) return std::nullopt;
      if (!has_handlers(e.spec.settings())) m.last = 1;
    } catch (const error& e) {
      if (e.code() != errc::corrupt_record) throw;
    }
    return m;
  }

  void open(const family_id& family) {
    family_frame f{family, {}};
    std::size_t found = 0;
    store_.scan(family, [&](record&& r) {
      ++found;
      if (const auto m = member_of(r)) f.members.push_back(*m);
    });
    if (found == 0) return;
    records_ += found;
    open_.push_back(std::move(f));
  }

  store& store_;
  const write_sink& sink_;
  const write::what kind_;
  const std::int64_t number_;
  std::vector<family_frame> open_;
  std::vector<write> batch_;
  std::size_t records_ = 0;
};

[[noreturn]] void refuse(const key& k) {
  throw error(errc::invalid_argument, k.str() + " is not settled: something is left to do in it or below it");
}

std::optional<std::chrono::seconds> own_retention(store& s, const family_id& root) {
  try {
    const std::optional<record> r = s.load({root, 0});
    return r && !r->spec.empty() ? decode_entry(r->spec).spec.settings().retention : std::nullopt;
  } catch (const error& e) {
    if (e.code() != errc::corrupt_record && e.code() != errc::store_too_new) throw;
    return std::nullopt;
  }
}

/// The time at which what happened at `from` is so long ago, as far as there is such a time.
millis later(millis from, std::chrono::seconds by) {
  constexpr millis last = std::numeric_limits<millis>::max();
  return by.count() < (last - from) / 1000 ? from + std::chrono::milliseconds(by).count() : last;
}

/// Nothing: it is not settled, or ends without us.
std::optional<millis> end_of(store& s, const root_entry& root, std::chrono::seconds retention) {
  if (root.settled == 0 || root.ends) return std::nullopt;
  return later(root.settled, own_retention(s, root.family).value_or(retention));
}

}  // namespace

std::size_t drop_below(store& s, const key& k, std::uint32_t attempts, const write_sink& sink) {
  tree_ender d(s, sink);
  for (std::uint32_t attempt = handlers_attempt; attempt <= attempts; ++attempt) d.end(child_family(k, attempt));
  d.flush();
  return d.records();
}

std::size_t drop_root(store& s, const family_id& root, const write_sink& sink) {
  const key k{root, 0};
  const std::optional<root_entry> listed = s.root(root);
  if (!listed) throw error(errc::not_found, "no root " + k.str() + " in " + s.describe());
  if (listed->settled == 0) refuse(k);
  tree_ender d(s, sink);
  d.end(root);
  d.emit({write::what::drop_root, root, 0, 0, {}});
  d.flush();
  return d.records();
}

void expire_root(store& s, const family_id& root, std::chrono::milliseconds after, const write_sink& sink) {
  const std::optional<root_entry> listed = s.root(root);
  if (!listed || listed->settled == 0) return;
  // It may take long. Meanwhile it may be forgotten, and its id used again.
  const write_sink while_listed = [&](std::vector<write>&& batch) {
    if (s.root(root) == listed) sink(std::move(batch));
  };
  tree_ender d(s, while_listed, write::what::expire_family, after.count());
  d.end(root);
  d.emit({write::what::expire_root, root, 0, after.count(), {}});
  d.flush();
}

std::vector<family_id> roots_settled_by(store& s, millis time) {
  std::vector<family_id> found;
  for (const root_entry& root : s.roots(false)) {
    if (root.settled != 0 && root.settled <= time) found.push_back(root.family);
  }
  return found;
}

std::vector<due_root> roots_to_forget(store& s, millis until, std::chrono::seconds retention) {
  std::vector<due_root> found;
  for (const root_entry& root : s.roots(false)) {
    const auto due = end_of(s, root, retention);
    if (due && *due <= until) found.push_back({root.family, *due});
  }
  return found;
}

std::optional<millis> forgotten_at(store& s, const family_id& root, std::chrono::seconds retention) {
  const auto listed = s.root(root);
  return listed ? end_of(s, *listed, retention) : std::nullopt;
}

}  // namespace banyan::detail
