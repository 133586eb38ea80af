#include "persistence/redis_phrases.hpp"

#include <vector>

namespace banyan::detail {
namespace {

std::string field_of(const write& w) {
  return w.kind == write::what::header ? std::string(header_field) : redis_field::of(w).str();
}

}  // namespace

std::string redis_phrases::key_of(const write& w) const {
  switch (w.kind) {
    case write::what::add_root:
    case write::what::claim_root:
    case write::what::settle_root:
    case write::what::drop_root:
    case write::what::expire_root:
    case write::what::notice: return layout_.created;
    default: return layout_.family(w.family);
  }
}

void redis_phrases::add(redis_commands& out, const write& w) const {
  const bool overwrites = w.kind == write::what::gauge || w.kind == write::what::state;
  if (!is_once(w) && !overwrites) return add_to_lists(out, w);
  if (is_once(w) && w.value.empty()) return read_back(out, w);
  const std::string family = layout_.family(w.family);
  if (w.value.empty()) {
    out.add({"HDEL", family, field_of(w)});
  } else {
    out.add({overwrites ? "HSET" : "HSETNX", family, field_of(w), w.value});
  }
}

void redis_phrases::put_new(redis_commands& out, std::span<const write> writes,
                            std::span<const std::size_t> positions) const {
  const std::string family = layout_.family(writes[positions.front()].family);
  std::vector<std::string> fields;
  fields.reserve(positions.size());
  std::vector<std::string_view> arguments{"EVALSHA", scripts_.name(redis_script::put_new), "1", family};
  for (const std::size_t position : positions) {
    arguments.push_back(fields.emplace_back(field_of(writes[position])));
    arguments.push_back(writes[position].value);
  }
  out.add(arguments);
}

void redis_phrases::read_back(redis_commands& out, const write& w) const {
  out.add({"HGET", layout_.family(w.family), field_of(w)});
}

void redis_phrases::claim(redis_commands& out, const write& w) const {
  out.add({"EVALSHA", scripts_.name(redis_script::claim_root), "5", layout_.created, layout_.settled, layout_.drivers,
           layout_.driven(layout_.driver), layout_.expires, family_text(w.family), std::to_string(w.number),
           layout_.driver, layout_.driven("")});
}

void redis_phrases::add_to_lists(redis_commands& out, const write& w) const {
  const std::string root = family_text(w.family);
  const std::string time = std::to_string(w.number);
  switch (w.kind) {
    case write::what::add_root:
      out.add({"EVALSHA", scripts_.name(redis_script::add_root), "5", layout_.created, layout_.drivers,
               layout_.driven(layout_.driver), layout_.settled, layout_.expires, root, time, layout_.driver});
      break;
    case write::what::claim_root: claim(out, w); break;
    case write::what::settle_root:
      out.add({"EVALSHA", scripts_.name(redis_script::settle_root), "3", layout_.settled, layout_.drivers,
               layout_.driven(layout_.driver), root, time, layout_.driver});
      break;
    case write::what::drop_root:
      out.add({"EVALSHA", scripts_.name(redis_script::drop_root), "4", layout_.created, layout_.settled,
               layout_.drivers, layout_.expires, root, layout_.driver, layout_.driven("")});
      break;
    case write::what::expire_root:
      out.add({"EVALSHA", scripts_.name(redis_script::expire_root), "3", layout_.created, layout_.settled,
               layout_.expires, root, time});
      break;
    case write::what::expire_family: out.add({"PEXPIRE", layout_.family(w.family), time}); break;
    case write::what::notice: notices_.leave(out, {w.family, w.index}); break;
    case write::what::home:
      out.add({"EVALSHA", scripts_.name(redis_script::add_home), "1", layout_.family(w.family), w.value});
      break;
    default: out.add({"UNLINK", layout_.family(w.family)});
  }
}

}  // namespace banyan::detail
