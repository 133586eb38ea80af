#include "persistence/redis_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <sstream>

#include <banyan/error.hpp>

#include "messages/family.hpp"
#include "persistence/file_error.hpp"
#include "persistence/number_text.hpp"
#include "persistence/redis_checks.hpp"

namespace banyan::detail {
namespace {

constexpr int layout_version = 1;

}  // namespace

redis_store::redis_store(redis_settings s, open_mode mode, std::string_view holder, const session_options& session)
    : mode_(mode),
      servers_(std::move(s)),
      layout_(servers_.settings().prefix, mode == open_mode::drive ? holder : std::string_view()),
      scripts_(load_scripts(servers_)),
      caller_(servers_),
      reader_(caller_, layout_),
      notices_(caller_, reader_, layout_, scripts_) {
  check_servers();
  check_layout();
  if (mode == open_mode::drive) {
    open_session(holder, session);
  } else {
    caller_.measure(layout_.layout, clock_);
  }
  if (mode != open_mode::read) {
    const auto fence = [this] { lease_->expect_not_fenced(); };
    writer_.emplace(servers_, layout_, scripts_, notices_, lease_ ? fence : std::function<void()>());
  }
  membership_.emplace(caller_, layout_, scripts_, notices_, lease_ ? &*lease_ : nullptr, mode, describe());
}

void redis_store::open_session(std::string_view holder, const session_options& session) {
  if (holder.empty()) {
    throw error(errc::invalid_argument, describe() + ": who drives trees needs a name; without one they wait for any");
  }
  lease_.emplace(servers_, layout_, scripts_, session, holder);
  hints_.emplace(servers_, std::vector{layout_.notices(layout_.driver), layout_.notices("")});
  open_marks();
}

redis_store::~redis_store() = default;

std::optional<std::chrono::milliseconds> redis_store::clock_base() const {
  return lease_ ? lease_->clock_base() : clock_.base();
}

redis_scripts redis_store::load_scripts(redis_servers& servers) {
  const auto first = servers.connect(servers.places().front());
  return redis_scripts(*first);
}

void redis_store::check_servers() {
  for (const redis_place& place : servers_.places()) {
    const redis_health health = redis_health::of(*servers_.connect(place));
    health.check(describe(), servers_.settings().allow_eviction);
    store_remark said = health.remark(describe());
    // Of several servers the worst is of interest.
    if (remark_.text.empty() || (said.warns && !remark_.warns)) remark_ = std::move(said);
  }
}

/// In a file of this machine: what was running when a process died matters where it is started again.
void redis_store::open_marks() {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("banyan-" + std::to_string(::getuid()));
  std::ostringstream name;
  name << std::hex << call_digest(describe() + "?prefix=" + servers_.settings().prefix, layout_.driver) << ".running";
  try {
    // Others may write to the directory above, and may have put something else there.
    struct stat found {};
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      throw_file_error("make", directory.string(), describe(), errno);
    }
    if (::lstat(directory.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::getuid()) {
      throw error(errc::store_read_only, directory.string() + " is not ours");
    }
    marks_.emplace((directory / name.str()).string(), describe());
  } catch (const error& e) {
    remark_ = {true, describe() + ": crash loops will not be found: " + e.message()};
  }
}

void redis_store::check_layout() {
  redis_reply found = caller_.call(layout_.layout, {"GET", layout_.layout});
  if (is_nil(*found)) {
    if (mode_ == open_mode::read) return;
    caller_.call(layout_.layout, {"SET", layout_.layout, std::to_string(layout_version), "NX"});
    found = caller_.call(layout_.layout, {"GET", layout_.layout});
  }
  const std::string_view text = text_of(*found);
  const int version = number_in<int>(text).value_or(0);
  if (version < 1) {
    throw error(errc::store_corrupt, describe() + ": the key " + layout_.layout +
                                         " is none of ours: choose another prefix, as in ?prefix=jobs");
  }
  if (version > layout_version) {
    throw error(errc::store_too_new, describe() + ": written by a newer Banyan (layout " + std::string(text) +
                                         ", this program knows " + std::to_string(layout_version) + ")");
  }
}

void redis_store::commit_meanwhile(std::span<const write> writes, std::span<write_outcome> outcomes,
                                   const std::function<void()>& meanwhile) {
  if (!writer_) throw error(errc::store_read_only, describe() + ": was opened to be read only");
  if (lease_) lease_->expect_held();
  const std::lock_guard lock(write_mutex_);
  try {
    writer_->commit(writes, outcomes, meanwhile);
  } catch (...) {
    setbacks_.fetch_add(1, std::memory_order_relaxed);
    throw;
  }
}

/// A slot may have moved to a replica that was behind.
std::uint64_t redis_store::setbacks() const { return setbacks_.load(std::memory_order_relaxed) + servers_.moves(); }

std::vector<root_entry> redis_store::roots(bool unsettled_only) {
  if (!unsettled_only) return reader_.roots();
  std::vector<root_entry> found;
  if (mode_ != open_mode::drive) {
    found = reader_.roots();
    std::erase_if(found, [](const root_entry& r) { return r.settled != 0; });
    return found;
  }
  const std::string mine = layout_.driven(layout_.driver);
  const redis_reply members = caller_.call(mine, {"SMEMBERS", mine});
  for (std::size_t i = 0; i < members->elements; ++i) {
    if (auto r = reader_.root(family_in(text_of(*members->element[i])))) found.push_back(*r);
  }
  std::ranges::sort(found, {}, &root_entry::family);
  return found;
}

std::optional<bytes> redis_store::compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                                  std::chrono::milliseconds kept) {
  if (mode_ == open_mode::read) throw error(errc::store_read_only, describe() + ": was opened to be read only");
  if (lease_) lease_->expect_not_fenced();
  const std::string key = layout_.value(name);
  const std::string ms = std::to_string(std::max<std::int64_t>(kept.count(), 1));
  const redis_reply found =
      caller_.call(key, {"EVALSHA", scripts_.name(redis_script::compare_and_set), "1", key, expected, wanted, ms});
  if (is_nil(*found)) return std::nullopt;
  return bytes(text_of(*found));
}

/// Who is fenced would take them from who drives in its name by now.
std::vector<key> redis_store::take_notices() {
  if (lease_) lease_->expect_not_fenced();
  return notices_.take();
}

void redis_store::on_fenced(std::function<void()> call) {
  if (lease_) lease_->on_fenced(std::move(call));
}

void redis_store::await_hint(std::chrono::milliseconds longest) {
  if (hints_) hints_->wait(longest);
}

void redis_store::stop_hints() {
  if (hints_) hints_->stop();
}

bool redis_store::has_driver() {
  if (lease_) return true;
  const redis_reply drivers = caller_.call(layout_.drivers, {"HVALS", layout_.drivers});
  std::set<std::string> names;
  for (std::size_t i = 0; i < drivers->elements; ++i) names.emplace(text_of(*drivers->element[i]));
  return std::ranges::any_of(names,
                             [this](const std::string& name) { return redis_lease::held(caller_, layout_, name); });
}

void redis_store::close() {
  marks_.reset();
  membership_.reset();
  lease_.reset();
  const std::lock_guard lock(write_mutex_);
  writer_.reset();
  caller_.close();
}

}  // namespace banyan::detail
