#pragma once

#include <csignal>
#include <string>

#include "persistence/redis_settings.hpp"

struct redisContext;

/// TLS by hiredis and OpenSSL. Which of the two implementations is built depends on what hiredis has.
namespace banyan::detail {

/// True where the hiredis that this was built with has TLS; without it nothing else here may be called.
bool redis_has_tls();

/// Begins TLS on a connected context. `host` is the name or address that the server's certificate has to carry.
/// Files are read anew each time, so that those that were replaced count from the next connection on.
/// Throws `error` (`store_unavailable`): a file that cannot be used, a server that is not trusted.
void start_redis_tls(redisContext& context, const redis_tls_files& files, const std::string& host);

/// To be there around every call that may use a TLS connection; keeps signals from this thread. OpenSSL writes by a
/// plain `write`, so that a server that is gone would end the program by SIGPIPE, and hiredis takes an interrupted call
/// for a lost connection.
class redis_tls_call {
 public:
  redis_tls_call();
  ~redis_tls_call();
  redis_tls_call(const redis_tls_call&) = delete;
  redis_tls_call& operator=(const redis_tls_call&) = delete;

 private:
  [[maybe_unused]] sigset_t before_{};
  [[maybe_unused]] bool was_pending_ = false;
};

/// Why TLS failed in the last such call of this thread; empty if it was not TLS that failed.
std::string redis_tls_reason();

}  // namespace banyan::detail
