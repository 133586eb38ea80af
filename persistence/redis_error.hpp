#pragma once

#include <string>
#include <string_view>

#include <banyan/error.hpp>

namespace banyan::detail {

inline constexpr const char* redis_no_answer = "no answer in time";

/// What an error that a Redis server answers means to us, by its first word.
errc meaning_of_redis_error(std::string_view reply);

/// Throws `error`: `store` is the name of the store.
[[noreturn]] void throw_redis_error(const std::string& store, std::string_view reply);

/// True for an error after which a new connection, perhaps to another server, may do better.
bool is_about_the_server(std::string_view reply);

}  // namespace banyan::detail
