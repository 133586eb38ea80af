#include "persistence/redis_tls.hpp"

namespace banyan::detail {

bool redis_has_tls() { return false; }

void start_redis_tls(redisContext&, const redis_tls_files&, const std::string&) {}

redis_tls_call::redis_tls_call() = default;
redis_tls_call::~redis_tls_call() = default;

std::string redis_tls_reason() { return {}; }

}  // namespace banyan::detail
