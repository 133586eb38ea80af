#include "persistence/sqlite_writer.hpp"

#include <bit>

namespace banyan::detail {

sqlite_writer::sqlite_writer(database& db)
    : db_(db),
      blocks_(db),
      insert_(db,
              "INSERT INTO future (id, spec, result, gauge, state) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"),
      update_(
          db,
          "UPDATE future SET result = coalesce(result, ?2), gauge = coalesce(?3, gauge), state = coalesce(?4, state)"
          " WHERE id = ?1 AND (?2 IS NULL OR result IS NULL)"),
      merge_(db,
             "UPDATE future SET spec = coalesce(spec, ?2), result = coalesce(result, ?3), gauge = coalesce(?4, gauge),"
             " state = coalesce(?5, state) WHERE id = ?1"),
      write_once_registers_(db, "SELECT spec, result FROM future WHERE id = ?1"),
      insert_attempt_(db, "INSERT INTO attempt (id, number, error) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"),
      attempt_(db, "SELECT error FROM attempt WHERE id = ?1 AND number = ?2"),
      add_root_(db, "INSERT INTO root (family, created, settled) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING"),
      settle_root_(db, "UPDATE root SET settled = ?2 WHERE family = ?1 AND settled = 0"),
      drop_root_(db, "DELETE FROM root WHERE family = ?1"),
      add_notice_(db, "INSERT INTO notice (family, number) VALUES (?1, ?2) ON CONFLICT DO NOTHING"),
      take_notices_(db, "DELETE FROM notice RETURNING family, number") {}

void sqlite_writer::commit(std::span<const write> writes, std::span<write_outcome> outcomes) {
  for (const write& w : writes) check_write(w);
  writes_ = writes;
  outcomes_ = outcomes;
  rows_.clear();
  row_at_.clear();
  late_.clear();
  try {
    transaction t(db_);
    if (db_.version() != version_) blocks_.forget();
    for (std::size_t i = 0; i < writes.size(); ++i) apply(i);
    flush();
    blocks_.sweep();
    t.commit();
  } catch (...) {
    blocks_.forget();
    throw;
  }
  version_ = db_.version();
}

void sqlite_writer::apply(std::size_t position) {
  const write& w = writes_[position];
  outcomes_[position] = {};
  switch (w.kind) {
    case write::what::spec: return put_once(&row_writes::spec, position);
    case write::what::result: return put_once(&row_writes::result, position);
    case write::what::attempt: return put_attempt(position);
    case write::what::gauge: gathered({w.family, w.index}).gauge = position; return;
    case write::what::state: gathered({w.family, w.index}).state = position; return;
    case write::what::header: outcomes_[position] = blocks_.put_header(w.family, w.value); return;
    case write::what::drop_family:
      flush();
      blocks_.drop(w.family);
      return;
    default: return apply_to_lists(w);
  }
}

void sqlite_writer::apply_to_lists(const write& w) {
  const family_blob family(w.family);
  switch (w.kind) {
    case write::what::add_root: add_root_.run(family, w.number); break;
    case write::what::settle_root: settle_root_.run(family, w.number); break;
    case write::what::drop_root: drop_root_.run(family); break;
    case write::what::notice: add_notice_.run(family, std::bit_cast<std::int64_t>(w.index)); break;
    default: break;
  }
}

sqlite_writer::row_writes& sqlite_writer::gathered(const key& k) {
  const auto [at, fresh] = row_at_.try_emplace(k, rows_.size());
  if (fresh) rows_.push_back({.row = k});
  return rows_[at->second];
}

void sqlite_writer::put_once(std::size_t row_writes::*reg, std::size_t position) {
  const write& w = writes_[position];
  if (w.value.empty()) return answer_empty(position);
  std::size_t& first = gathered({w.family, w.index}).*reg;
  if (first == none) {
    first = position;
  } else {
    late_.push_back({position, first});
  }
}

void sqlite_writer::put_attempt(std::size_t position) {
  const write& w = writes_[position];
  const key k{w.family, w.index};
  const std::int64_t id = blocks_.row_of(k);
  if (!w.value.empty()) {
    // The readers look for attempts of rows that are there.
    gathered(k);
    if (insert_attempt_.run(id, w.number, std::string_view(w.value)) == 1) return;
  }
  query q(attempt_, id, w.number);
  if (q.next()) outcomes_[position] = {false, bytes(q.blob(0))};
}

void sqlite_writer::answer_empty(std::size_t position) {
  flush();
  const write& w = writes_[position];
  query q(write_once_registers_, blocks_.row_of({w.family, w.index}));
  if (q.next()) stands(position, q.blob(w.kind == write::what::spec ? 0 : 1));
}

void sqlite_writer::flush() {
  for (const row_writes& r : rows_) write_row(r);
  for (const late_write& l : late_) {
    const write_outcome& first = outcomes_[l.first];
    outcomes_[l.position] = {false, first.won ? writes_[l.first].value : first.existing};
  }
  rows_.clear();
  row_at_.clear();
  late_.clear();
}

std::optional<std::string_view> sqlite_writer::value(std::size_t position) const {
  if (position == none) return std::nullopt;
  return std::string_view(writes_[position].value);
}

void sqlite_writer::write_row(const row_writes& r) {
  const std::int64_t id = blocks_.row_of(r.row);
  // A row starts with its spec: who writes none finds one there, as a rule.
  if (r.spec == none && update_.run(id, value(r.result), value(r.gauge), value(r.state)) == 1) return;
  if (insert_.run(id, value(r.spec), value(r.result), value(r.gauge), value(r.state)) == 1) return;
  merge(id, r);
}

void sqlite_writer::merge(std::int64_t id, const row_writes& r) {
  bool anything = r.gauge != none || r.state != none;
  {
    query q(write_once_registers_, id);
    q.next();
    if (r.spec != none) anything |= stands(r.spec, q.blob(0));
    if (r.result != none) anything |= stands(r.result, q.blob(1));
  }
  if (anything) merge_.run(id, value(r.spec), value(r.result), value(r.gauge), value(r.state));
}

bool sqlite_writer::stands(std::size_t position, std::string_view existing) {
  if (existing.empty()) return true;
  outcomes_[position] = {false, bytes(existing)};
  return false;
}

std::vector<key> sqlite_writer::take_notices() {
  std::vector<key> taken;
  transaction t(db_);
  for (query q(take_notices_); q.next();) {
    taken.push_back({family_blob::parse(q.blob(0), db_.name()), std::bit_cast<std::uint64_t>(q.number(1))});
  }
  t.commit();
  return taken;
}

}  // namespace banyan::detail
