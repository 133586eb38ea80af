#include "actors/queue_rules.hpp"

#include <algorithm>
#include <cmath>

#include "messages/record_reader.hpp"

namespace banyan::detail {
namespace {

constexpr unsigned queue_version = 1;
constexpr micros second = 1'000'000;
/// Who has waited for less than this does not come before who has a place already: places would go back and forth.
constexpr micros turn = second / 20;
/// Who has not said for so long that it waits may have stopped.
constexpr micros patience = second;
/// So many keys of a process are waited for by the others.
constexpr std::size_t most_key_wishes = 16;
constexpr std::size_t most_depth = 6;

micros interval_of(const queue_limits& l) { return static_cast<micros>(std::ceil(second / l.rate)); }

void pack_member(msgpack::packer<bytes_sink>& p, const queue_member& m) {
  p.pack_array(10);
  p.pack(m.id).pack(m.name).pack(m.expires).pack(m.places);
  p.pack_map(static_cast<std::uint32_t>(m.groups.size()));
  for (const auto& [group, count] : m.groups) p.pack(group).pack(count);
  p.pack(m.wants).pack(m.wish.priority).pack(m.wish.since).pack(m.seen);
  p.pack_array(static_cast<std::uint32_t>(m.key_wishes.size()));
  for (const auto& [group, wish] : m.key_wishes) {
    p.pack_array(3);
    p.pack(group).pack(wish.priority).pack(wish.since);
  }
}

queue_wish read_wish(record_reader& r) {
  const auto priority = r.number<std::int32_t>("priority");
  return {priority, r.number<micros>("since")};
}

void read_key_wishes(record_reader all, queue_member& m) {
  while (!all.at_end()) {
    record_reader r = all.nested("wish");
    const auto group = r.number<std::uint64_t>("key");
    m.key_wishes[group] = read_wish(r);
  }
}

queue_member read_member(record_reader r) {
  queue_member m;
  m.id = r.number<incarnation_id>("incarnation");
  m.name = r.text("name");
  m.expires = r.number<micros>("expiry");
  m.places = r.number<std::uint32_t>("places");
  try {
    m.groups = r.next("groups").as<decltype(m.groups)>();
  } catch (const msgpack::type_error&) {
    r.corrupt("its keys are no map of numbers");
  }
  m.wants = r.boolean("wants");
  m.wish = read_wish(r);
  m.seen = r.number<micros>("seen");
  if (!r.at_end()) read_key_wishes(r.nested("wishes of keys"), m);
  return m;
}

}  // namespace

bytes encode_queue(const queue_state& q) {
  bytes_sink sink;
  msgpack::packer<bytes_sink> p(sink);
  p.pack_array(4);
  p.pack(queue_version).pack(q.next_start).pack(q.last_number);
  p.pack_array(static_cast<std::uint32_t>(q.members.size()));
  for (const queue_member& m : q.members) pack_member(p, m);
  return std::move(sink.data);
}

queue_state decode_queue(std::string_view data) {
  queue_state q;
  if (data.empty()) return q;
  msgpack::zone zone(zone_chunk);
  record_reader r(parse_payload(data, zone, most_depth), "queue");
  if (r.number<unsigned>("version") > queue_version) {
    throw error(errc::store_too_new, "a queue is used by a newer Banyan; use the same version everywhere");
  }
  q.next_start = r.number<micros>("next start");
  q.last_number = r.number<std::uint64_t>("number");
  record_reader members = r.nested("members");
  while (!members.at_end()) q.members.push_back(read_member(members.nested("member")));
  return q;
}

bool differs(const queue_state& before, const queue_state& after, const queue_asker& asker) {
  const auto find = [&](const queue_state& q) { return std::ranges::find(q.members, asker.id, &queue_member::id); };
  const auto was = find(before);
  const auto is = find(after);
  if (was == before.members.end() || is == after.members.end()) return before != after;
  if (was->expires < asker.now + asker.life / 2) return true;
  if ((is->wants || !is->key_wishes.empty()) && was->seen + patience / 3 < asker.now) return true;
  queue_state same = after;
  queue_member& own = same.members[static_cast<std::size_t>(is - after.members.begin())];
  own.expires = was->expires;
  own.seen = was->seen;
  queue_state old = before;
  std::ranges::sort(same.members, {}, &queue_member::id);
  std::ranges::sort(old.members, {}, &queue_member::id);
  return same != old;
}

queue_turn::queue_turn(queue_state before, const queue_limits& limits, const queue_asker& asker,
                       const std::map<std::uint64_t, std::uint32_t>& held)
    : limits_(limits), asker_(asker), state_(std::move(before)) {
  own_.id = asker.id;
  own_.name = asker.name;
  own_.wish.since = asker.now;
  for (const queue_member& m : state_.members) {
    if (m.id == asker.id) {
      own_.wants = m.wants;
      own_.wish.since = m.wish.since;
      earlier_ = m.key_wishes;
    }
  }
  // The limits, or the clock, may have been others.
  if (limits.rate > 0) state_.next_start = std::min(state_.next_start, asker.now + interval_of(limits) * limits.burst);
  // An earlier life of the asker has ended.
  std::erase_if(state_.members, [&](const queue_member& m) {
    return m.expires <= asker.now || m.name == asker.name || m.id == asker.id;
  });
  for (const auto& [group, count] : held) {
    own_.places += count;
    if (group != 0) own_.groups[group] = count;
  }
  taken_ = own_.places;
  for (const queue_member& m : state_.members) taken_ += m.places;
}

/// Members for which a place is to be left, of those for a group or of all (0). One each: they ask again.
std::uint32_t queue_turn::members_before(std::int32_t priority, std::uint64_t group) const {
  const micros own_since = waits_since(group);
  const auto goes_before = [&](const queue_wish& w) {
    if (w.priority != priority) return w.priority > priority;
    return w.since < own_since && w.since + turn < asker_.now;
  };
  return static_cast<std::uint32_t>(std::ranges::count_if(state_.members, [&](const queue_member& m) {
    if (m.seen + patience < asker_.now) return false;
    if (group == 0) return m.wants && goes_before(m.wish);
    const auto it = m.key_wishes.find(group);
    return it != m.key_wishes.end() && goes_before(it->second);
  }));
}

micros queue_turn::waits_since(std::uint64_t group) const {
  if (group == 0) return own_.wish.since;
  const auto it = earlier_.find(group);
  return it == earlier_.end() ? asker_.now : it->second.since;
}

std::uint32_t queue_turn::taken_of(std::uint64_t group) const {
  const auto of = [group](const queue_member& m) {
    const auto it = m.groups.find(group);
    return it == m.groups.end() ? 0u : it->second;
  };
  std::uint32_t n = of(own_);
  for (const queue_member& m : state_.members) n += of(m);
  return n;
}

micros queue_turn::free_at() const {
  if (limits_.rate <= 0) return 0;
  return state_.next_start - interval_of(limits_) * (limits_.burst - 1);
}

queue_turn::answer queue_turn::take(std::int32_t priority, std::uint64_t group, bool starts) {
  // Before all else: what waits for its key is to be known as such, whatever else it waits for.
  if (limits_.key_concurrency != 0 && group != 0 &&
      taken_of(group) + members_before(priority, group) >= limits_.key_concurrency) {
    if (own_.key_wishes.size() < most_key_wishes) own_.key_wishes.try_emplace(group, priority, waits_since(group));
    return answer::group_full;
  }
  const std::uint32_t before_us = members_before(priority, 0);
  const bool rated = limits_.rate > 0 && starts;
  if (rated && free_at() + interval_of(limits_) * before_us > asker_.now) {
    return free_at() > asker_.now ? answer::too_soon : answer::full;
  }
  if (limits_.concurrency != 0 && taken_ + before_us >= limits_.concurrency) return answer::full;
  if (rated) state_.next_start = std::max(state_.next_start, asker_.now) + interval_of(limits_);
  ++taken_;
  ++own_.places;
  if (group != 0) {
    ++own_.groups[group];
    earlier_.erase(group);
  }
  own_.wish.since = asker_.now;
  state_.last_number = std::max(state_.last_number + 1, static_cast<std::uint64_t>(asker_.now));
  return answer::yes;
}

queue_state queue_turn::close(std::optional<std::int32_t> waiting) {
  if (waiting) {
    if (!own_.wants) own_.wish.since = asker_.now;
    own_.wish.priority = *waiting;
  }
  own_.wants = waiting.has_value();
  if (own_.wants || !own_.key_wishes.empty()) own_.seen = asker_.now;
  own_.expires = asker_.now + asker_.life;
  if (own_.places > 0 || own_.wants || !own_.key_wishes.empty()) state_.members.push_back(std::move(own_));
  return std::move(state_);
}

}  // namespace banyan::detail
