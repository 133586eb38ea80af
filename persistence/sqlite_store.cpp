#include "persistence/sqlite_store.hpp"

#include <banyan/error.hpp>

namespace banyan::detail {

sqlite_store::sqlite_store(sqlite_settings settings, open_mode mode, std::string_view holder)
    : mode_(mode), file_(std::move(settings), mode), readers_(file_) {
  if (mode_ != open_mode::read) {
    write_connection_ = file_.open_to_write();
    if (mode_ == open_mode::drive) lock_.emplace(file_.lock_file(), file_.name(), holder);
    file_.prepare(*write_connection_);
    writer_.emplace(*write_connection_);
  }
  if (mode_ == open_mode::drive) {
    marks_.emplace(file_.marks_file(), file_.name());
  } else {
    // So that what is wrong with the file is said now.
    readers_.with([](sqlite_reader&) {});
  }
}

sqlite_store::~sqlite_store() = default;

sqlite_writer& sqlite_store::writer() {
  if (!writer_) throw error(errc::store_read_only, file_.name() + ": was opened to be read only");
  return *writer_;
}

void sqlite_store::commit(std::span<const write> writes, std::span<write_outcome> outcomes) {
  const std::lock_guard lock(write_mutex_);
  writer().commit(writes, outcomes);
}

std::optional<record> sqlite_store::load(const key& k) {
  return readers_.with([&](sqlite_reader& r) { return r.load(k); });
}

void sqlite_store::scan(const family_id& family, const std::function<void(record&&)>& visit) {
  readers_.with([&](sqlite_reader& r) { r.scan(family, visit); });
}

bytes sqlite_store::header(const family_id& family) {
  return readers_.with([&](sqlite_reader& r) { return r.header(family); });
}

std::vector<root_entry> sqlite_store::roots(bool unsettled_only) {
  return readers_.with([&](sqlite_reader& r) { return r.roots(unsettled_only); });
}

std::optional<root_entry> sqlite_store::root(const family_id& family) {
  return readers_.with([&](sqlite_reader& r) { return r.root(family); });
}

std::optional<bytes> sqlite_store::compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                                   std::chrono::milliseconds kept) {
  const std::lock_guard lock(write_mutex_);
  static_cast<void>(writer());
  if (!values_) values_.emplace(*write_connection_);
  return values_->compare_and_set(name, expected, wanted, time(), kept);
}

std::vector<key> sqlite_store::take_notices() {
  // The look over a reader's connection neither waits for a commit nor makes one wait.
  if (!readers_.with([](sqlite_reader& r) { return r.has_notices(); })) return {};
  const std::lock_guard lock(write_mutex_);
  return writer().take_notices();
}

bool sqlite_store::notice_pending(const key& k) {
  return readers_.with([&](sqlite_reader& r) { return r.has_notice(k); });
}

bool sqlite_store::has_driver() { return lock_.has_value() || driver_lock::held(file_.lock_file()); }

void sqlite_store::close() {
  const std::lock_guard lock(write_mutex_);
  readers_.close();
  writer_.reset();
  values_.reset();
  // The last connection to close folds the log into the file and removes it.
  write_connection_.reset();
  marks_.reset();
  lock_.reset();
}

}  // namespace banyan::detail
