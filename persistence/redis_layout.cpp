#include "persistence/redis_layout.hpp"

#include "messages/family.hpp"
#include "persistence/number_text.hpp"

namespace banyan::detail {

redis_layout::redis_layout(const std::string& prefix, std::string_view name)
    : redis_layout(prefix, prefix + ":{roots}:", name) {}

redis_layout::redis_layout(const std::string& prefix, const std::string& lists, std::string_view name)
    : layout(lists + "layout"),
      created(lists + "created"),
      settled(lists + "settled"),
      expires(lists + "expires"),
      drivers(lists + "drivers"),
      nodes(lists + "nodes"),
      driver(name),
      waiting_notices(lists + "waiting"),
      prefix_(prefix),
      lists_(lists) {}

std::string redis_layout::family(const family_id& f) const { return prefix_ + ":{" + family_text(f) + "}"; }

/// Each has a place of its own. Its name may hold what must not be in that of a key.
std::string redis_layout::value(std::string_view name) const {
  return prefix_ + ":value:{" + family_text(named_family(name)) + "}";
}

std::string family_text(const family_id& f) {
  std::string text = key{f, 0}.str();
  text.resize(text.size() - 2);
  return text;
}

family_id family_in(std::string_view text) { return key::parse(std::string(text) + ".0").family; }

std::string redis_field::str() const {
  std::string text = std::to_string(index);
  text += static_cast<char>(kind);
  if (kind == what::attempt) text += std::to_string(number);
  return text;
}

std::optional<redis_field> redis_field::parse(std::string_view text) {
  const auto index = take_number<std::uint64_t>(text);
  if (!index || text.empty()) return std::nullopt;
  redis_field f;
  f.index = *index;
  f.kind = static_cast<what>(text.front());
  text.remove_prefix(1);
  switch (f.kind) {
    case what::spec:
    case what::result:
    case what::gauge:
    case what::state: break;
    case what::attempt:
      f.number = take_number<std::int64_t>(text).value_or(0);
      if (f.number < 1 || f.number > max_attempt_number) return std::nullopt;
      break;
    default: return std::nullopt;
  }
  return text.empty() ? std::optional(f) : std::nullopt;
}

redis_field redis_field::of(const write& w) {
  switch (w.kind) {
    case write::what::result: return {what::result, w.index, 0};
    case write::what::gauge: return {what::gauge, w.index, 0};
    case write::what::state: return {what::state, w.index, 0};
    case write::what::attempt: return {what::attempt, w.index, w.number};
    default: return {what::spec, w.index, 0};
  }
}

void put_register(record& r, const redis_field& f, bytes value) {
  switch (f.kind) {
    case redis_field::what::spec: r.spec = std::move(value); break;
    case redis_field::what::result: r.result = std::move(value); break;
    case redis_field::what::gauge: r.gauge = std::move(value); break;
    case redis_field::what::state: r.state = std::move(value); break;
    case redis_field::what::attempt: {
      const auto n = static_cast<std::size_t>(f.number);
      if (r.attempts.size() < n) r.attempts.resize(n);
      r.attempts[n - 1] = std::move(value);
    }
  }
}

}  // namespace banyan::detail
