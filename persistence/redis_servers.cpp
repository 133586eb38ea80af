#include "persistence/redis_servers.hpp"

#include <algorithm>

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"
#include "persistence/redis_tls.hpp"

namespace banyan::detail {
namespace {

constexpr std::size_t slots = 16384;
constexpr std::uint16_t nowhere = 0xffff;

/// CRC-16/XMODEM, as the cluster's specification asks for.
std::uint16_t crc16(std::string_view text) {
  std::uint16_t crc = 0;
  for (const char c : text) {
    crc = static_cast<std::uint16_t>(crc ^ (static_cast<unsigned char>(c) << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

bool says_cluster(std::string_view info) { return info.find("cluster_enabled:1") != info.npos; }

}  // namespace

std::uint16_t redis_slot(std::string_view key) {
  if (const auto open = key.find('{'); open != key.npos) {
    const auto close = key.find('}', open + 1);
    if (close != key.npos && close != open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) % slots;
}

std::optional<redis_redirect> redis_redirect::parse(std::string_view reply) {
  redis_redirect r;
  if (reply.starts_with("ASK ")) {
    r.ask = true;
    reply.remove_prefix(4);
  } else if (reply.starts_with("MOVED ")) {
    reply.remove_prefix(6);
  } else {
    return std::nullopt;
  }
  const auto slot = take_number<std::uint16_t>(reply);
  const auto colon = reply.rfind(':');
  if (!slot || *slot >= slots || !reply.starts_with(' ') || colon == reply.npos) return std::nullopt;
  r.slot = *slot;
  r.to = {std::string(reply.substr(1, colon - 1)), number_in<std::uint16_t>(reply.substr(colon + 1)).value_or(0)};
  return r.to.port == 0 ? std::nullopt : std::optional(r);
}

redis_servers::redis_servers(redis_settings s) : settings_(std::move(s)) {
  if (settings_.tls && !redis_has_tls()) {
    throw error(errc::bad_url, settings_.describe() +
                                   ": TLS needs a hiredis that has it (libhiredis_ssl) when Banyan is built, and this "
                                   "one had none; use redis:// through a tunnel");
  }
  const auto first = connect({});
  if (!settings_.master.empty()) return;
  cluster_ = says_cluster(text_of(*first->call({"INFO", "cluster"})));
  if (!cluster_) return;
  if (settings_.db != 0) throw error(errc::bad_url, settings_.describe() + ": a Redis Cluster has database 0 only");
  read_map(*first, settings_.servers.empty() ? redis_address{} : settings_.servers.front());
}

std::unique_ptr<redis_connection> redis_servers::connect(const redis_place& where) {
  if (where) return std::make_unique<redis_connection>(settings_, where);
  if (!settings_.socket.empty()) return std::make_unique<redis_connection>(settings_, std::nullopt);
  if (settings_.master.empty()) return std::make_unique<redis_connection>(settings_, settings_.servers.front());
  auto c = std::make_unique<redis_connection>(settings_, find_master());
  check_role(*c);
  return c;
}

/// Asks the sentinels in turn.
redis_address redis_servers::find_master() const {
  redis_settings plain = settings_;
  plain.user.clear();
  plain.password.clear();
  plain.db = 0;
  std::string why;
  for (const redis_address& sentinel : settings_.servers) {
    try {
      redis_connection c(plain, sentinel);
      const redis_reply found = c.call({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings_.master});
      if (found->type != REDIS_REPLY_ARRAY || found->elements != 2) {
        why = sentinel.str() + " knows no master of this name";
        continue;
      }
      return {std::string(text_of(*found->element[0])),
              number_in<std::uint16_t>(text_of(*found->element[1])).value_or(0)};
    } catch (const error& e) {
      why = e.message();
    }
  }
  throw error(errc::store_unavailable, settings_.describe() + ": no sentinel names the master: " + why);
}

/// Sentinels may be behind the times.
void redis_servers::check_role(redis_connection& c) const {
  const redis_reply role = c.call({"ROLE"});
  if (role->type == REDIS_REPLY_ARRAY && role->elements > 0 && text_of(*role->element[0]) == "master") return;
  throw error(errc::store_unavailable, c.name() + ": the server that the sentinels name is no master (yet)");
}

void redis_servers::read_map(redis_connection& from, const redis_address& asked) {
  const redis_reply map = from.call({"CLUSTER", "SLOTS"});
  std::vector<redis_address> masters;
  std::vector<std::uint16_t> master_of(slots, nowhere);
  for (std::size_t i = 0; i < map->elements; ++i) {
    const redisReply& range = *map->element[i];
    if (range.elements < 3 || range.element[2]->elements < 2) continue;
    const redisReply& node = *range.element[2];
    redis_address a{std::string(text_of(*node.element[0])), static_cast<std::uint16_t>(node.element[1]->integer)};
    // A server that does not know its own name means the one under which it was asked.
    if (a.host.empty()) a.host = asked.host;
    auto at = std::ranges::find(masters, a);
    if (at == masters.end()) at = masters.insert(masters.end(), a);
    const auto position = static_cast<std::uint16_t>(at - masters.begin());
    const auto last = std::min<long long>(range.element[1]->integer, slots - 1);
    for (long long slot = range.element[0]->integer; slot <= last; ++slot) {
      master_of[static_cast<std::size_t>(slot)] = position;
    }
  }
  if (masters.empty())
    throw error(errc::store_unavailable, from.name() + ": the cluster has given no slots to anybody");
  const std::lock_guard lock(mutex_);
  masters_ = std::move(masters);
  master_of_ = std::move(master_of);
}

redis_place redis_servers::place_of(std::string_view key) {
  if (!cluster_) return std::nullopt;
  const std::uint16_t slot = redis_slot(key);
  const std::lock_guard lock(mutex_);
  if (master_of_[slot] == nowhere) {
    throw error(errc::store_unavailable,
                settings_.describe() + ": no server of the cluster has slot " + std::to_string(slot));
  }
  return masters_[master_of_[slot]];
}

std::vector<redis_place> redis_servers::places() {
  if (!cluster_) return {std::nullopt};
  const std::lock_guard lock(mutex_);
  return {masters_.begin(), masters_.end()};
}

void redis_servers::moved(const redis_redirect& r) {
  moves_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (!cluster_) return;
  auto at = std::ranges::find(masters_, r.to);
  if (at == masters_.end()) at = masters_.insert(masters_.end(), r.to);
  master_of_[r.slot] = static_cast<std::uint16_t>(at - masters_.begin());
}

void redis_servers::look_again() {
  if (!cluster_) return;
  std::vector<redis_address> known;
  {
    const std::lock_guard lock(mutex_);
    known = masters_;
  }
  known.insert(known.end(), settings_.servers.begin(), settings_.servers.end());
  for (const redis_address& a : known) {
    try {
      redis_connection c(settings_, a);
      read_map(c, a);
      return;
    } catch (const error&) {
      // The next one may know.
    }
  }
}

}  // namespace banyan::detail
