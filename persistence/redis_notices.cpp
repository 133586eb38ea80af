#include "persistence/redis_notices.hpp"

#include <set>

#include "messages/family.hpp"
#include "messages/record.hpp"

namespace banyan::detail {
namespace {

/// Longer than anybody looks for them.
constexpr std::string_view waiting_ms = "120000";
constexpr std::string_view for_ever = "0";

std::vector<key> keys_in(const redisReply& set) {
  std::vector<key> keys;
  for (std::size_t i = 0; i < set.elements; ++i) keys.push_back(key::parse(text_of(*set.element[i])));
  return keys;
}

}  // namespace

/// A signal or a request belongs to whom it was sent to.
family_id redis_notices::root_of(const key& k) {
  return reader_.root_of(is_message(k.index) ? receiver_of(k).value_or(k) : k);
}

std::optional<key> redis_notices::receiver_of(const key& signal) try {
  const auto r = reader_.load(signal);
  return r && !r->spec.empty() ? std::optional(decode_entry(r->spec).signal.to) : std::nullopt;
} catch (const error& e) {
  if (e.code() != errc::corrupt_record && e.code() != errc::store_too_new) throw;
  return std::nullopt;
}

std::optional<std::string> redis_notices::driver_of(const key& k) {
  const std::string root = family_text(root_of(k));
  const redis_reply found = caller_.call(layout_.drivers, {"HGET", layout_.drivers, root});
  return is_nil(*found) ? std::nullopt : std::optional<std::string>(text_of(*found));
}

std::string redis_notices::place_for(const key& k) {
  const auto driver = driver_of(k);
  // What belongs to no tree that is listed is for everybody. What is for all who may yet take a tree is for none of
  // them to take away.
  if (!driver) return layout_.notices("");
  return driver->empty() ? layout_.waiting_notices : layout_.notices(*driver);
}

std::string_view redis_notices::lasting_in(const std::string& place) const {
  return place == layout_.waiting_notices ? waiting_ms : for_ever;
}

void redis_notices::leave(redis_commands& out, const key& k) {
  const std::string place = place_for(k);
  out.add({"EVALSHA", scripts_.name(redis_script::leave_notice), "1", place, k.str(), lasting_in(place)});
}

void redis_notices::pass_on(const key& k) {
  const std::string place = place_for(k);
  caller_.call(place, {"EVALSHA", scripts_.name(redis_script::leave_notice), "1", place, k.str(), lasting_in(place)});
}

std::vector<key> redis_notices::take() {
  std::set<key> found;
  for (const std::string& name : std::set<std::string>{layout_.driver, std::string()}) {
    for (const key& k : take_from(name)) found.insert(k);
  }
  for (const key& k : inherited()) found.insert(k);
  return {found.begin(), found.end()};
}

std::vector<key> redis_notices::take_from(const std::string& name) {
  const std::string left = layout_.notices(name);
  const std::string taken = layout_.taken(name);
  std::vector<key> ours;
  if (caller_.call(left, {"EXISTS", left, taken})->integer == 0) return ours;
  const redis_reply keys = caller_.call(left, {"EVALSHA", scripts_.name(redis_script::take_notices), "2", left, taken});
  // Many notices are of few trees.
  std::map<family_id, bool> others;
  for (const key& k : keys_in(*keys)) {
    const auto [at, first] = others.try_emplace(root_of(k), false);
    if (first) {
      const auto driver = driver_of(k);
      at->second = driver && *driver != layout_.driver;
    }
    if (at->second) {
      pass_on(k);
    } else {
      ours.push_back(k);
    }
  }
  caller_.call(taken, {"DEL", taken});
  return ours;
}

void redis_notices::inherit(std::string_view name) {
  constexpr std::chrono::seconds length{60};
  const std::lock_guard lock(mutex_);
  inherited_until_.insert_or_assign(std::string(name), clock::now() + length);
}

std::vector<std::string> redis_notices::inherited_names() {
  const std::lock_guard lock(mutex_);
  std::erase_if(inherited_until_, [now = clock::now()](const auto& i) { return i.second < now; });
  std::vector<std::string> names;
  for (const auto& [name, until] : inherited_until_) names.push_back(name);
  return names;
}

std::vector<key> redis_notices::inherited() {
  std::vector<key> found;
  for (const std::string& name : inherited_names()) {
    const std::string left = name.empty() ? layout_.waiting_notices : layout_.notices(name);
    // In one step: its own driver may be back, and just taking them.
    const std::vector<key> keys = keys_in(*caller_.call(left, {"SUNION", left, layout_.taken(name)}));
    found.insert(found.end(), keys.begin(), keys.end());
  }
  return found;
}

bool redis_notices::pending(const key& k) {
  const std::string text = k.str();
  std::set<std::string> places{layout_.notices(""), layout_.taken("")};
  const auto driver = driver_of(k);
  if (driver && driver->empty()) places.insert(layout_.waiting_notices);
  if (driver) places.insert({layout_.notices(*driver), layout_.taken(*driver)});
  for (const std::string& place : places) {
    if (caller_.call(place, {"SISMEMBER", place, text})->integer == 1) return true;
  }
  return false;
}

}  // namespace banyan::detail
