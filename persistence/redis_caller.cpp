#include <banyan/error.hpp>

#include "persistence/redis_error.hpp"
#include "persistence/redis_reader.hpp"

namespace banyan::detail {
namespace {

std::string name_of(const redis_place& where) { return where ? where->str() : std::string(); }

}  // namespace

std::unique_ptr<redis_connection> redis_caller::take(const redis_place& where) {
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[name_of(where)];
  if (idle.empty()) return nullptr;
  std::unique_ptr<redis_connection> c = std::move(idle.back());
  idle.pop_back();
  return c;
}

void redis_caller::give_back(const redis_place& where, std::unique_ptr<redis_connection> c) {
  constexpr std::size_t most_idle = 4;
  if (c->broken()) return;
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[name_of(where)];
  if (idle.size() < most_idle) idle.push_back(std::move(c));
}

redis_reply redis_caller::exchange(const redis_place& where, std::span<const std::string_view> command, bool asking) {
  std::unique_ptr<redis_connection> c = take(where);
  const bool kept = c != nullptr;
  redis_commands commands;
  if (asking) commands.add({"ASKING"});
  commands.add(command);
  for (bool again = kept;; again = false) {
    if (!c) {
      c = servers_.connect(where);
      redis_scripts::load(*c);
    }
    try {
      c->send(commands);
      if (asking) c->receive();
      redis_reply reply = c->receive();
      // Who lost its rank is not asked again.
      if (reply->type != REDIS_REPLY_ERROR || !is_about_the_server(text_of(*reply))) give_back(where, std::move(c));
      return reply;
    } catch (const error&) {
      if (!again) throw;
      c.reset();
    }
  }
}

redis_reply redis_caller::call(std::string_view key, std::span<const std::string_view> command) {
  constexpr int most_redirects = 16;
  redis_place where = servers_.place_of(key);
  bool asking = false;
  for (int i = 0; i < most_redirects; ++i) {
    redis_reply reply;
    try {
      reply = exchange(where, command, asking);
    } catch (const error& e) {
      if (e.code() == errc::store_unavailable) servers_.look_again();
      throw;
    }
    if (reply->type != REDIS_REPLY_ERROR) return reply;
    const auto to = redis_redirect::parse(text_of(*reply));
    if (!to) throw_redis_error(servers_.settings().describe(), text_of(*reply));
    if (!to->ask) servers_.moved(*to);
    asking = to->ask;
    where = to->to;
  }
  throw error(errc::store_unavailable, servers_.settings().describe() + ": its servers send us back and forth");
}

std::int64_t redis_caller::time(std::string_view key) {
  const redis_reply now = call(key, {"TIME"});
  if (now->elements != 2) throw error(errc::store_corrupt, "a Redis server does not tell its time");
  const auto part = [&](std::size_t i) { return std::stoll(std::string(text_of(*now->element[i]))); };
  return part(0) * 1000 + part(1) / 1000;
}

void redis_caller::measure(std::string_view key, server_clock& clock) {
  const auto asked = boot_clock::now();
  const std::chrono::milliseconds answer(time(key));
  clock.measured(asked, answer, boot_clock::now());
}

void redis_caller::close() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace banyan::detail
