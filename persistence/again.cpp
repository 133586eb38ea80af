#include "persistence/again.hpp"

#include <string>

#include "messages/family.hpp"
#include "persistence/future_view.hpp"

namespace banyan::detail {
namespace {

[[noreturn]] void refuse(const key& k, const std::string& why) {
  throw error(errc::invalid_argument, k.str() + " " + why);
}

future_view find_future(view_source& source, const key& k) {
  if (auto v = view_future(source, k)) return std::move(*v);
  throw error(errc::not_found, "no future has the key " + k.str());
}

/// Nothing for a root.
std::optional<family_header> parent_of(view_source& source, const key& k) {
  const bytes header = source.header(k.family);
  if (header.empty()) return std::nullopt;
  return decode_header(header);
}

/// What is not kept with the spec of a root that ran has done its work.
spec_record call_again(view_source& source, const key& root) {
  const auto found = source.load(root);
  if (!found) throw error(errc::not_found, "no future has the key " + root.str());
  spec_record call = decode_entry(found->spec).spec;
  call.start_at = 0;
  return call;
}

/// The members of the families of its attempts, of which those that handlers are called in is none.
bool open_children(view_source& source, const future_view& root) {
  bool open = false;
  for (std::uint32_t attempt = 1; attempt <= root.attempt && !open; ++attempt) {
    const family_id family = child_family(root.key, attempt);
    source.scan(family, [&](record&& r) {
      if (open || is_message(r.index)) return;
      const auto child = read_view({family, r.index}, {root.key, root.level + 1}, std::move(r));
      open = child && !child->settled && !(child->promise && is_final(child->status));
    });
  }
  return open;
}

}  // namespace

bool runs_below(view_source& source, const key& root) {
  const future_view v = find_future(source, root);
  if (v.parent || v.settled || !is_final(v.status) || v.status == status::success) return false;
  // Who has it alive knows.
  if (v.rests) return !*v.rests;
  // What never began has nothing below it, and its handlers are nobody's hindrance.
  return (v.handler_count == 0 && v.started != 0) || open_children(source, v);
}

spec_record retry_of(view_source& source, const key& root) {
  const future_view v = find_future(source, root);
  if (v.parent) refuse(root, "is no root: the tree that it is in is run again by its root");
  if (!is_final(v.status)) refuse(root, "has no result yet");
  if (v.status == status::success) refuse(root, "has succeeded");
  if (runs_below(source, root)) refuse(root, "is not settled yet: something below it still runs");
  spec_record call = call_again(source, root);
  call.replaces = root;
  return call;
}

spec_record fork_of(view_source& source, const key& root, const key& child) {
  find_future(source, child);
  if (parent_of(source, root)) refuse(root, "is no root: a fork is one of a whole tree");
  spec_record call = call_again(source, root);
  bool adopted = is_adopted(child.index);
  std::optional<family_header> above = parent_of(source, child);
  while (above && above->attempt != handlers_attempt && above->parent != root) {
    adopted = adopted || is_adopted(above->parent.index);
    above = parent_of(source, above->parent);
  }
  if (!above) refuse(child, "is not below " + root.str());
  if (adopted) refuse(child, "was adopted, or is below what was: no function has come to it");
  if (above->attempt == handlers_attempt) refuse(child, "is the call of a handler, or below one");
  call.replaces = predecessor(root, child);
  return call;
}

}  // namespace banyan::detail
