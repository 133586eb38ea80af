#include "nodes/default_log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

spdlog::level::level_enum level_of(log_level l) {
  switch (l) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: break;
  }
  return spdlog::level::err;
}

spdlog::level::level_enum wanted_level() {
  const char* const name = std::getenv("BANYAN_LOG");
  if (!name || !*name) return spdlog::level::warn;
  const auto level = spdlog::level::from_str(name);
  // What it does not know it takes for "off".
  if (level == spdlog::level::off && std::string_view(name) != "off") {
    throw error(errc::invalid_argument,
                "the environment variable BANYAN_LOG takes debug, info, warning, error or off, not '" +
                    std::string(name) + "'");
  }
  return level;
}

}  // namespace

std::function<void(log_level, std::string_view)> default_log() {
  auto logger = std::make_shared<spdlog::logger>("banyan", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(wanted_level());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %^%l%$ %v");
  return [logger](log_level l, std::string_view message) {
    logger->log(level_of(l), "{}", spdlog::string_view_t(message.data(), message.size()));
  };
}

}  // namespace banyan::detail
