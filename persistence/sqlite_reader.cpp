#include "persistence/sqlite_reader.hpp"

#include <bit>

#include <banyan/error.hpp>

#include "persistence/sqlite_blocks.hpp"
#include "persistence/sqlite_file.hpp"

namespace banyan::detail {
namespace {

constexpr std::size_t max_idle = 4;

/// Makes what several statements read one state of the store.
class snapshot {
 public:
  snapshot(statement& begin, statement& end) : end_(end) { begin.run(); }
  ~snapshot() {
    // Nothing was written: there is nothing that ending it could lose.
    try {
      end_.run();
    } catch (const error&) {
    }
  }
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

 private:
  statement& end_;
};

/// The registers of a row of columns (id, spec, result, gauge, state).
record read_row(const query& q, std::uint64_t index) {
  return {index, bytes(q.blob(1)), bytes(q.blob(2)), bytes(q.blob(3)), bytes(q.blob(4)), {}};
}

bool written(const record& r) {
  return !r.spec.empty() || !r.result.empty() || !r.gauge.empty() || !r.state.empty() || !r.attempts.empty();
}

/// The attempts of a block's rows, in step with the rows.
class attempts_in_step {
 public:
  attempts_in_step(statement& s, std::int64_t first, std::int64_t last, const std::string& name)
      : query_(s, first, last), name_(name) {
    more_ = query_.next();
  }

  void read(std::int64_t id, std::vector<bytes>& attempts) {
    for (; more_ && query_.number(0) <= id; more_ = query_.next()) {
      if (query_.number(0) != id) continue;
      const std::int64_t number = query_.number(1);
      if (number < 1 || number > max_attempt_number) {
        throw error(errc::store_corrupt, name_ + ": holds an attempt numbered " + std::to_string(number));
      }
      attempts.resize(static_cast<std::size_t>(number));
      attempts.back() = query_.blob(2);
    }
  }

 private:
  query query_;
  const std::string& name_;
  bool more_ = false;
};

}  // namespace

sqlite_reader::sqlite_reader(std::unique_ptr<database> db, bool frozen)
    : db_(std::move(db)),
      frozen_(frozen),
      begin_(*db_, "BEGIN"),
      end_(*db_, "COMMIT"),
      load_(*db_,
            "SELECT f.id, f.spec, f.result, f.gauge, f.state FROM block b JOIN future f ON f.id = (b.no << 20) + ?3"
            " WHERE b.family = ?1 AND b.segment = ?2"),
      blocks_(*db_, "SELECT no, segment FROM block WHERE family = ?1 ORDER BY segment"),
      rows_(*db_, "SELECT id, spec, result, gauge, state FROM future WHERE id BETWEEN ?1 AND ?2 ORDER BY id"),
      attempts_(*db_, "SELECT id, number, error FROM attempt WHERE id BETWEEN ?1 AND ?2 ORDER BY id, number"),
      header_(*db_, "SELECT header FROM block WHERE family = ?1 AND segment = 0"),
      roots_(*db_, "SELECT family, created, settled FROM root ORDER BY family"),
      unsettled_roots_(*db_, "SELECT family, created, settled FROM root WHERE settled = 0 ORDER BY family"),
      root_(*db_, "SELECT family, created, settled FROM root WHERE family = ?1"),
      notices_(*db_, "SELECT 1 FROM notice LIMIT 1"),
      notice_(*db_, "SELECT 1 FROM notice WHERE family = ?1 AND number = ?2") {
  static_assert(block_bits == 20, "the statements above say so");
}

std::optional<record> sqlite_reader::load(const key& k) {
  const snapshot one_state(begin_, end_);
  const family_blob family(k.family);
  query q(load_, family, segment_of(k.index), row_in(0, k.index));
  if (!q.next()) return std::nullopt;
  record r = read_row(q, k.index);
  const std::int64_t id = q.number(0);
  attempts_in_step(attempts_, id, id, db_->name()).read(id, r.attempts);
  if (!written(r)) return std::nullopt;
  return r;
}

void sqlite_reader::scan(const family_id& family, const std::function<void(record&&)>& visit) {
  const snapshot one_state(begin_, end_);
  const family_blob blob(family);
  for (query q(blocks_, blob); q.next();) {
    scan_block(q.number(0), static_cast<std::uint64_t>(q.number(1)) << block_bits, visit);
  }
}

void sqlite_reader::scan_block(std::int64_t block, std::uint64_t first_index,
                               const std::function<void(record&&)>& visit) {
  const std::int64_t first = first_row(block);
  const std::int64_t last = last_row(block);
  attempts_in_step attempts(attempts_, first, last, db_->name());
  for (query q(rows_, first, last); q.next();) {
    const std::int64_t id = q.number(0);
    record r = read_row(q, first_index + static_cast<std::uint64_t>(id - first));
    attempts.read(id, r.attempts);
    if (written(r)) visit(std::move(r));
  }
}

bytes sqlite_reader::header(const family_id& family) {
  const family_blob blob(family);
  query q(header_, blob);
  return q.next() ? bytes(q.blob(0)) : bytes();
}

root_entry sqlite_reader::read_root(const query& q) const {
  return {family_blob::parse(q.blob(0), db_->name()), q.number(1), q.number(2)};
}

std::vector<root_entry> sqlite_reader::roots(bool unsettled_only) {
  std::vector<root_entry> all;
  for (query q(unsettled_only ? unsettled_roots_ : roots_); q.next();) all.push_back(read_root(q));
  return all;
}

std::optional<root_entry> sqlite_reader::root(const family_id& family) {
  const family_blob blob(family);
  query q(root_, blob);
  if (!q.next()) return std::nullopt;
  return read_root(q);
}

bool sqlite_reader::has_notices() { return query(notices_).next(); }

bool sqlite_reader::has_notice(const key& k) {
  const family_blob family(k.family);
  return query(notice_, family, std::bit_cast<std::int64_t>(k.index)).next();
}

std::unique_ptr<sqlite_reader> sqlite_readers::take() {
  std::unique_ptr<sqlite_reader> reader;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  const bool stale = reader && reader->frozen() && !file_.frozen();
  if (reader && !stale) return reader;
  const bool frozen = file_.frozen();
  auto db = file_.open_to_read();
  file_.expect_ours(*db);
  return std::make_unique<sqlite_reader>(std::move(db), frozen);
}

void sqlite_readers::give_back(std::unique_ptr<sqlite_reader> reader) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < max_idle) idle_.push_back(std::move(reader));
}

void sqlite_readers::close() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace banyan::detail
