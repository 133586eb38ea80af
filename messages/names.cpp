#include "messages/names.hpp"

#include <banyan/error.hpp>

namespace banyan::detail {

void check_name(std::string_view name, std::string_view whose) {
  if (name.size() <= max_name) return;
  throw error(errc::invalid_argument, std::string(whose) + " has at most " + std::to_string(max_name) + " bytes, not " +
                                          std::to_string(name.size()));
}

void check_names(const options& opts) {
  check_name(opts.name.str(), "options: name");
  const std::string_view queue = opts.queue.str();
  check_name(queue.substr(queue.starts_with(section_prefix) ? section_prefix.size() : 0), "options: queue");
  check_name(opts.queue_key.str(), "options: queue_key");
  check_name(opts.placement.name.str(), "options: the name in placement");
}

std::string cut_message(std::string message) {
  constexpr std::size_t most = 64u << 10;
  if (message.size() <= most) return message;
  const std::string end = "... (cut: it had " + std::to_string(message.size()) + " bytes)";
  std::size_t kept = most - end.size();
  // Not within a character of UTF-8.
  const auto goes_on = [&](std::size_t at) { return (static_cast<unsigned char>(message[at]) & 0xC0u) == 0x80u; };
  for (int i = 0; i < 3 && goes_on(kept); ++i) --kept;
  message.resize(kept);
  return message + end;
}

}  // namespace banyan::detail
