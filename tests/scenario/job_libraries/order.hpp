#pragma once

#include <string>

#include <banyan/banyan.hpp>

/// Says as which version it runs, once somebody has answered.
inline banyan::task<std::string> order(banyan::context& ctx) {
  co_await ctx.promise<int>("paid");
  co_return "version " + std::to_string(ctx.version());
}
