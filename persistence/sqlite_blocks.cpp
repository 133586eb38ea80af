#include "persistence/sqlite_blocks.hpp"

#include <vector>

namespace banyan::detail {
namespace {

/// Some megabytes at most. Past it we start afresh: what is in use comes back with one look-up each.
constexpr std::size_t max_known = 65536;

/// Rows of a dropped family deleted at a time: about a millisecond of work.
constexpr std::int64_t rows_per_sweep = 2000;

key known_key(const family_id& family, std::int64_t segment) { return {family, static_cast<std::uint64_t>(segment)}; }

}  // namespace

sqlite_blocks::sqlite_blocks(database& db)
    : db_(db),
      make_(db, "INSERT INTO block (family, segment) VALUES (?1, ?2) ON CONFLICT DO NOTHING"),
      find_(db, "SELECT no FROM block WHERE family = ?1 AND segment = ?2"),
      make_with_header_(db, "INSERT INTO block (family, segment, header) VALUES (?1, 0, ?2) ON CONFLICT DO NOTHING"),
      set_header_(db, "UPDATE block SET header = ?2 WHERE family = ?1 AND segment = 0 AND header IS NULL"),
      header_(db, "SELECT header FROM block WHERE family = ?1 AND segment = 0"),
      of_family_(db, "SELECT segment, no FROM block WHERE family = ?1"),
      remove_(db, "DELETE FROM block WHERE no = ?1"),
      orphan_(db, "UPDATE block SET family = NULL, segment = NULL, header = NULL WHERE no = ?1"),
      first_orphan_(db, "SELECT no FROM block WHERE family IS NULL LIMIT 1"),
      first_rows_(
          db, "SELECT count(*), max(id) FROM (SELECT id FROM future WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)"),
      delete_futures_(db, "DELETE FROM future WHERE id BETWEEN ?1 AND ?2"),
      delete_attempts_(db, "DELETE FROM attempt WHERE id BETWEEN ?1 AND ?2") {}

std::int64_t sqlite_blocks::row_of(const key& k) {
  const std::int64_t segment = segment_of(k.index);
  if (known_.size() >= max_known) known_.clear();
  const auto [entry, fresh] = known_.try_emplace(known_key(k.family, segment), 0);
  if (fresh) {
    try {
      entry->second = find_or_make(k.family, segment);
    } catch (...) {
      known_.erase(entry);
      throw;
    }
  }
  return row_in(entry->second, k.index);
}

std::int64_t sqlite_blocks::find_or_make(const family_id& family, std::int64_t segment) {
  const family_blob blob(family);
  if (make_.run(blob, segment) == 1) return db_.last_rowid();
  query q(find_, blob, segment);
  q.next();
  return q.number(0);
}

write_outcome sqlite_blocks::put_header(const family_id& family, std::string_view value) {
  const family_blob blob(family);
  if (!value.empty()) {
    if (make_with_header_.run(blob, value) == 1) {
      known_.insert_or_assign(known_key(family, 0), db_.last_rowid());
      return {};
    }
    if (set_header_.run(blob, value) == 1) return {};
  }
  query q(header_, blob);
  if (!q.next() || q.null(0)) return {};
  return {false, bytes(q.blob(0))};
}

void sqlite_blocks::drop(const family_id& family) {
  const family_blob blob(family);
  std::vector<std::int64_t> blocks;
  for (query q(of_family_, blob); q.next();) {
    known_.erase(known_key(family, q.number(0)));
    blocks.push_back(q.number(1));
  }
  for (const std::int64_t block : blocks) {
    if (delete_rows(block)) {
      remove_.run(block);
    } else {
      orphan_.run(block);
      may_have_orphans_ = true;
    }
  }
}

void sqlite_blocks::sweep() {
  if (!may_have_orphans_) return;
  std::int64_t block = 0;
  {
    query q(first_orphan_);
    may_have_orphans_ = q.next();
    if (!may_have_orphans_) return;
    block = q.number(0);
  }
  if (delete_rows(block)) remove_.run(block);
}

bool sqlite_blocks::delete_rows(std::int64_t block) {
  std::int64_t last = last_row(block);
  bool all = true;
  {
    query q(first_rows_, first_row(block), last, rows_per_sweep);
    q.next();
    all = q.number(0) < rows_per_sweep;
    if (!all) last = q.number(1);
  }
  delete_futures_.run(first_row(block), last);
  delete_attempts_.run(first_row(block), last);
  return all;
}

void sqlite_blocks::forget() {
  known_.clear();
  may_have_orphans_ = true;
}

}  // namespace banyan::detail
