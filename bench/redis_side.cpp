#include "bench/redis_side.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"
#include "persistence/redis_servers.hpp"

namespace bench {
namespace {

using namespace banyan::detail;

constexpr std::string_view key_prefix = "tree_bench:hsetnx:";

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe.get())) text.append(part.data(), n);
  return text;
}

}  // namespace

std::optional<redis_side> redis_side::of(const std::string& store) {
  store_url url = store_url::parse(store);
  if (!is_redis_scheme(url.scheme())) return std::nullopt;
  return redis_side(redis_settings::take(url));
}

double redis_side::hsetnx_per_second(std::size_t requests) const {
  std::string command = "redis-benchmark -P 64 -r 1000000000 --csv -n " + std::to_string(requests);
  if (settings_.socket.empty()) {
    command +=
        " -h " + quoted(settings_.servers.front().host) + " -p " + std::to_string(settings_.servers.front().port);
  } else {
    command += " -s " + quoted(settings_.socket);
  }
  if (!settings_.user.empty()) command += " --user " + quoted(settings_.user);
  if (!settings_.password.empty()) command += " -a " + quoted(settings_.password);
  command += " HSETNX " + std::string(key_prefix) + "__rand_int__ 0r value 2>&1";
  const std::string said = output_of(command);
  forget_keys();
  // The second column of the last line is what it has reached.
  const auto column = said.rfind("\",\"", said.find("\",\"", said.rfind("\n\"") + 1));
  const std::string_view number = column == said.npos ? std::string_view() : std::string_view(said).substr(column + 3);
  std::string_view rest = number;
  const auto rate = take_number<double>(rest);
  if (!rate) throw std::runtime_error("redis-benchmark: " + said);
  return *rate;
}

void redis_side::forget_keys() const {
  redis_servers servers(settings_);
  const auto c = servers.connect({});
  std::string cursor = "0";
  do {
    const redis_reply found = c->call({"SCAN", cursor, "MATCH", std::string(key_prefix) + "*", "COUNT", "1000"});
    cursor = text_of(*found->element[0]);
    const redisReply& keys = *found->element[1];
    std::vector<std::string_view> command{"UNLINK"};
    for (std::size_t i = 0; i < keys.elements; ++i) command.push_back(text_of(*keys.element[i]));
    if (command.size() > 1) c->call(command);
  } while (cursor != "0");
}

std::size_t redis_side::used_memory() const {
  redis_servers servers(settings_);
  const redis_reply info = servers.connect({})->call({"INFO", "memory"});
  constexpr std::string_view name = "used_memory:";
  std::string_view text = text_of(*info);
  text.remove_prefix(std::min(text.size(), text.find(name) + name.size()));
  return take_number<std::size_t>(text).value_or(0);
}

memory_peak::memory_peak(const redis_side& server)
    : most_(server.used_memory()), thread_([this, server](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          try {
            most_ = std::max<std::size_t>(most_, server.used_memory());
          } catch (const banyan::error&) {
            // It may be away for a moment.
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      }) {}

}  // namespace bench
