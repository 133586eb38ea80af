#include "persistence/redis_error.hpp"

#include <algorithm>
#include <array>

namespace banyan::detail {
namespace {

struct meaning {
  std::string_view word;
  errc code;
  std::string_view advice;  ///< empty: the server says it well enough
};

constexpr std::array meanings{
    meaning{"OOM", errc::store_full, "Redis has reached its maxmemory: raise it, or forget old records"},
    meaning{"MISCONF", errc::store_full, "Redis cannot save to its disk"},
    meaning{"WRONGTYPE", errc::store_corrupt, "a key of ours holds something else: choose another prefix"},
    meaning{"NOAUTH", errc::store_denied, "a password is needed, as in redis://user:password@host"},
    meaning{"WRONGPASS", errc::store_denied, "the user or the password is wrong"},
    meaning{"NOPERM", errc::store_denied, "the user has no right to a command or a key that Banyan needs"},
    meaning{"READONLY", errc::store_unavailable, "the server is a replica now"},
};

const meaning* find_meaning(std::string_view reply) {
  const std::string_view word = reply.substr(0, reply.find(' '));
  const auto found = std::ranges::find(meanings, word, &meaning::word);
  return found == meanings.end() ? nullptr : &*found;
}

}  // namespace

errc meaning_of_redis_error(std::string_view reply) {
  // Redis 5 and older have no word for it; with the single password there is no user.
  if (reply.starts_with("ERR invalid password")) return errc::store_denied;
  const meaning* const m = find_meaning(reply);
  return m ? m->code : errc::store_unavailable;
}

void throw_redis_error(const std::string& store, std::string_view reply) {
  const meaning* const m = find_meaning(reply);
  std::string message = store + ": ";
  if (m && !m->advice.empty()) message += std::string(m->advice) + ": ";
  throw error(meaning_of_redis_error(reply), message + std::string(reply));
}

bool is_about_the_server(std::string_view reply) {
  constexpr std::array<std::string_view, 5> words{"READONLY", "LOADING", "MASTERDOWN", "NOAUTH", "NOSCRIPT"};
  return std::ranges::find(words, reply.substr(0, reply.find(' '))) != words.end();
}

}  // namespace banyan::detail
