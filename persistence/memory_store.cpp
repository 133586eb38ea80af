#include "persistence/memory_store.hpp"

#include <algorithm>

namespace banyan::detail {
namespace {

write_outcome put_once(register_cell& cell, std::string_view value) {
  if (!cell.empty()) return {false, bytes(cell.view())};
  cell.assign(value);
  return {};
}

}  // namespace

memory_store::memory_store() = default;
memory_store::~memory_store() = default;

memory_store::shard& memory_store::shard_of(const family_id& family) {
  constexpr int shard_bits = 6;
  static_assert(shard_count == 1u << shard_bits);
  return shards_[(std::hash<family_id>{}(family)*0x9E3779B97F4A7C15ull) >> (64 - shard_bits)];
}

void memory_store::commit(std::span<const write> writes, std::span<write_outcome> outcomes) {
  for (const write& w : writes) check_write(w);
  // Freed after the locks are gone: a dropped family may be large.
  std::vector<family_map::node_type> dropped;
  shard* held = nullptr;
  std::unique_lock<std::mutex> lock;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const write& w = writes[i];
    shard* s = &shard_of(w.family);
    if (s != held) {
      if (lock.owns_lock()) lock.unlock();
      lock = std::unique_lock(s->mutex);
      held = s;
    }
    outcomes[i] = apply(*s, w, dropped);
    if (w.kind == write::what::notice) leave_notice({w.family, w.index});
  }
  if (lock.owns_lock()) lock.unlock();
}

write_outcome memory_store::apply(shard& s, const write& w, std::vector<family_map::node_type>& dropped) {
  switch (w.kind) {
    case write::what::header: return put_once(s.families[w.family].header, w.value);
    case write::what::drop_family:
      if (auto node = s.families.extract(w.family)) dropped.push_back(std::move(node));
      return {};
    case write::what::add_root:
    case write::what::settle_root:
    case write::what::drop_root: apply_to_roots(s, w); return {};
    case write::what::notice:
    case write::what::expire_family:
    case write::what::expire_root:
    case write::what::claim_root:
    case write::what::home: return {};
    default: return apply_to_row(s, w);
  }
}

write_outcome memory_store::apply_to_row(shard& s, const write& w) {
  register_row& row = s.families[w.family].rows.at(w.index);
  switch (w.kind) {
    case write::what::spec: return put_once(row.spec, w.value);
    case write::what::result: return put_once(row.result, w.value);
    case write::what::gauge: row.gauge.assign(w.value); return {};
    case write::what::state: row.rare().state.assign(w.value); return {};
    default: break;
  }
  if (w.value.empty() && (!row.more || row.more->attempts.size() < static_cast<std::size_t>(w.number))) return {};
  auto& attempts = row.rare().attempts;
  if (attempts.size() < static_cast<std::size_t>(w.number)) attempts.resize(static_cast<std::size_t>(w.number));
  return put_once(attempts[static_cast<std::size_t>(w.number) - 1], w.value);
}

void memory_store::apply_to_roots(shard& s, const write& w) {
  if (w.kind == write::what::add_root) {
    s.roots.try_emplace(w.family, root_entry{w.family, w.number, 0});
  } else if (w.kind == write::what::drop_root) {
    s.roots.erase(w.family);
  } else if (const auto found = s.roots.find(w.family); found != s.roots.end() && found->second.settled == 0) {
    found->second.settled = w.number;
  }
}

std::optional<record> memory_store::load(const key& k) {
  shard& s = shard_of(k.family);
  const std::lock_guard lock(s.mutex);
  const auto family = s.families.find(k.family);
  if (family == s.families.end()) return std::nullopt;
  const register_row* row = family->second.rows.find(k.index);
  if (!row || !row->written()) return std::nullopt;
  return row->copy(k.index);
}

void memory_store::scan(const family_id& family, const std::function<void(record&&)>& visit) {
  constexpr std::size_t stretch = 256;
  shard& s = shard_of(family);
  std::vector<record> records;
  std::optional<std::uint64_t> from = 0;
  while (from) {
    {
      const std::lock_guard lock(s.mutex);
      const auto found = s.families.find(family);
      if (found == s.families.end()) return;
      from = found->second.rows.copy(*from, stretch, records);
    }
    for (record& r : records) visit(std::move(r));
    records.clear();
  }
}

bytes memory_store::header(const family_id& family) {
  shard& s = shard_of(family);
  const std::lock_guard lock(s.mutex);
  const auto found = s.families.find(family);
  return found == s.families.end() ? bytes() : bytes(found->second.header.view());
}

std::vector<root_entry> memory_store::roots(bool unsettled_only) {
  std::vector<root_entry> all;
  for (shard& s : shards_) {
    const std::lock_guard lock(s.mutex);
    for (const auto& [family, entry] : s.roots) {
      if (!unsettled_only || entry.settled == 0) all.push_back(entry);
    }
  }
  std::ranges::sort(all, {}, &root_entry::family);
  return all;
}

std::optional<root_entry> memory_store::root(const family_id& family) {
  shard& s = shard_of(family);
  const std::lock_guard lock(s.mutex);
  const auto found = s.roots.find(family);
  if (found == s.roots.end()) return std::nullopt;
  return found->second;
}

void memory_store::leave_notice(const key& k) {
  const std::lock_guard lock(notices_mutex_);
  notices_.insert(k);
  // Relaxed, as are the other two: the flag only saves taking the lock, which orders the notices themselves.
  noticed_.store(true, std::memory_order_relaxed);
}

std::vector<key> memory_store::take_notices() {
  if (!noticed_.load(std::memory_order_relaxed)) return {};
  const std::lock_guard lock(notices_mutex_);
  std::vector<key> taken(notices_.begin(), notices_.end());
  notices_.clear();
  noticed_.store(false, std::memory_order_relaxed);
  return taken;
}

bool memory_store::notice_pending(const key& k) {
  const std::lock_guard lock(notices_mutex_);
  return notices_.contains(k);
}

}  // namespace banyan::detail
