#include "persistence/redis_hash.hpp"

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"

namespace banyan::detail {
namespace {

redis_settings settings_in(const std::string& text) {
  store_url url = store_url::parse(text);
  if (!is_redis_scheme(url.scheme())) throw_bad_url("fields_of takes the URL of a Redis, as in redis://localhost:6379");
  return redis_settings::take(url);
}

constexpr std::uint64_t reversed(std::uint64_t n) {
  std::uint64_t r = 0;
  for (int i = 0; i < 64; ++i) r |= (n >> i & 1) << (63 - i);
  return r;
}

}  // namespace

bool at_or_behind(std::uint64_t a, std::uint64_t b) { return reversed(a) >= reversed(b); }

redis_hash::redis_hash(const std::string& url, std::string key)
    : servers_(settings_in(url)), key_(std::move(key)), connection_(servers_.connect(servers_.place_of(key_))) {}

redis_reply redis_hash::ask(std::initializer_list<std::string_view> command) {
  redis_commands one;
  one.add(command);
  connection_->send(one);
  redis_reply reply = connection_->receive();
  if (reply->type == REDIS_REPLY_ERROR && text_of(*reply).starts_with("WRONGTYPE")) {
    throw error(errc::failed, servers_.settings().describe() + ": the key " + key_ + " holds no hash");
  }
  connection_->expect(*reply);
  return reply;
}

std::uint64_t redis_hash::length() { return static_cast<std::uint64_t>(ask({"HLEN", key_})->integer); }

redis_hash::piece redis_hash::scan(std::uint64_t cursor) {
  // Cursors in records came from scans with this count: with another one, parts would overlap.
  const redis_reply reply = ask({"HSCAN", key_, std::to_string(cursor), "COUNT", "100"});
  const auto next = reply->elements == 2 ? number_in<std::uint64_t>(text_of(*reply->element[0])) : std::nullopt;
  if (!next) throw error(errc::failed, servers_.settings().describe() + ": no answer to HSCAN");
  piece p{{}, *next};
  const redisReply& list = *reply->element[1];
  for (std::size_t i = 0; i + 1 < list.elements; i += 2) {
    p.fields.emplace_back(text_of(*list.element[i]), text_of(*list.element[i + 1]));
  }
  return p;
}

}  // namespace banyan::detail
