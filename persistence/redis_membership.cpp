#include "persistence/redis_membership.hpp"

#include <algorithm>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

/// What is listed of a node: its incarnation's 16 digits, a blank, 1 if it is draining, a blank, what it says of
/// itself.
constexpr std::size_t incarnation_size = 16;
constexpr std::size_t draining_at = 17;
constexpr std::size_t about_at = 19;

/// Notices for who was forgotten: those who took its roots look for them for so long.
constexpr const char* notices_ms = "120000";

member member_in(std::string_view name, std::string_view entry, std::string_view lease, long long lease_ms) {
  member m;
  m.name = name;
  m.incarnation = incarnation_in(entry.substr(0, incarnation_size)).value_or(0);
  m.draining = entry.size() > draining_at && entry[draining_at] == '1';
  if (entry.size() > about_at) m.about = entry.substr(about_at);
  const lease_claim holder = lease_claim::parse(lease);
  m.alive = m.incarnation != 0 && holder.id == m.incarnation && !holder.known_dead();
  if (m.alive) m.lease_left = std::chrono::milliseconds(std::max(lease_ms, 0LL));
  return m;
}

}  // namespace

redis_membership::redis_membership(redis_caller& caller, const redis_layout& layout, const redis_scripts& scripts,
                                   redis_notices& notices, redis_lease* lease, open_mode mode, std::string store_name)
    : caller_(caller),
      layout_(layout),
      scripts_(scripts),
      notices_(notices),
      lease_(lease),
      mode_(mode),
      store_name_(std::move(store_name)) {}

void redis_membership::expect_writable() const {
  if (lease_) lease_->expect_not_fenced();
  if (mode_ == open_mode::read) throw error(errc::store_read_only, store_name_ + ": was opened to be read only");
}

redis_lease& redis_membership::expect_driver() const {
  expect_writable();
  if (!lease_) {
    throw error(errc::invalid_argument, store_name_ + ": only who drives trees is a node, or passes trees on");
  }
  return *lease_;
}

redis_reply redis_membership::run(redis_script s, std::size_t keys, std::span<const std::string> arguments) {
  const std::string count = std::to_string(keys);
  std::vector<std::string_view> command{"EVALSHA", scripts_.name(s), count};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return caller_.call(arguments.front(), command);
}

long long redis_membership::run_unless_alive(redis_script s, std::size_t keys, std::span<const std::string> arguments,
                                             const std::string& lease) {
  for (;;) {
    const redis_reply reply = run(s, keys, arguments);
    if (reply->type == REDIS_REPLY_INTEGER) return reply->integer;
    if (!redis_lease::end_if_dead(caller_, scripts_, lease, text_of(*reply))) return 0;
  }
}

void redis_membership::announce(const bytes& about) {
  redis_lease& ours = expect_driver();
  // Asked for again when its answer was lost, it may come when another incarnation is there.
  const std::vector arguments{layout_.nodes,  layout_.lease(layout_.driver),
                              layout_.driver, incarnation_text(ours.incarnation()),
                              about,          ours.value()};
  if (run(redis_script::announce, 2, arguments)->integer == 0) ours.refuse();
}

bool redis_membership::leave() {
  const std::string id = incarnation_text(expect_driver().incarnation());
  const std::vector arguments{layout_.nodes, layout_.driven(layout_.driver), layout_.driver, id};
  return run(redis_script::leave, 2, arguments)->integer == 1;
}

std::vector<member> redis_membership::members() {
  const redis_reply found = run(redis_script::members, 1, std::vector{layout_.nodes, layout_.lease("")});
  std::vector<member> all;
  for (std::size_t i = 0; i + 3 < found->elements; i += 4) {
    const auto text = [&](std::size_t at) { return text_of(*found->element[i + at]); };
    all.push_back(member_in(text(0), text(1), text(2), found->element[i + 3]->integer));
  }
  std::ranges::sort(all, {}, &member::name);
  return all;
}

bool redis_membership::set_draining(std::string_view name, bool wanted) {
  expect_writable();
  const std::vector arguments{layout_.nodes, std::string(name), std::string(wanted ? "1" : "0")};
  return run(redis_script::set_draining, 1, arguments)->integer == 1;
}

bool redis_membership::forget(std::string_view name) {
  expect_writable();
  const std::string lease = layout_.lease(name);
  const std::vector arguments{layout_.nodes,          lease,
                              layout_.driven(name),   layout_.notices(name),
                              layout_.taken(name),    std::string(name),
                              std::string(notices_ms)};
  return run_unless_alive(redis_script::forget, 5, arguments, lease) == 1;
}

void redis_membership::post(incarnation_id to, const bytes& message) {
  constexpr const char* kept_ms = "60000";
  constexpr const char* most_kept = "100";
  const std::vector arguments{layout_.posts(incarnation_text(to)),
                              incarnation_text(expect_driver().incarnation()) + message, std::string(kept_ms),
                              std::string(most_kept)};
  run(redis_script::post, 1, arguments);
}

std::vector<posted> redis_membership::take_posts() {
  constexpr std::size_t id_length = 16;
  const std::string ours = incarnation_text(expect_driver().incarnation());
  const redis_reply found = run(redis_script::take_posts, 1, std::vector{layout_.posts(ours)});
  std::vector<posted> all;
  for (std::size_t i = 0; i < found->elements; ++i) {
    const std::string_view text = text_of(*found->element[i]);
    const auto from = incarnation_in(text.substr(0, id_length));
    if (from) all.push_back({*from, bytes(text.substr(id_length))});
  }
  return all;
}

std::vector<family_id> redis_membership::roots_of(std::string_view name, std::size_t most) {
  constexpr std::size_t most_at_once = 100'000;
  const std::string driven = layout_.driven(name);
  const std::string count = std::to_string(std::min(most, most_at_once));
  const redis_reply found = caller_.call(driven, {"SRANDMEMBER", driven, count});
  std::vector<family_id> roots;
  for (std::size_t i = 0; i < found->elements; ++i) roots.push_back(family_in(text_of(*found->element[i])));
  return roots;
}

bool redis_membership::take_root(const family_id& root, std::string_view from) {
  redis_lease& ours = expect_driver();
  // Before: the answer may be lost.
  if (from != layout_.driver) notices_.inherit(from);
  const std::string lease = layout_.lease(from);
  const std::vector arguments{layout_.drivers,
                              layout_.driven(from),
                              layout_.driven(layout_.driver),
                              lease,
                              layout_.lease(layout_.driver),
                              family_text(root),
                              std::string(from),
                              layout_.driver,
                              ours.value()};
  const long long answer = run_unless_alive(redis_script::take_root, 5, arguments, lease);
  if (answer < 0) ours.refuse();
  return answer == 1;
}

bool redis_membership::give_root(const family_id& root, std::string_view to) {
  redis_lease& ours = expect_driver();
  const std::vector arguments{layout_.drivers,    layout_.driven(layout_.driver),
                              layout_.driven(to), layout_.lease(layout_.driver),
                              layout_.nodes,      family_text(root),
                              layout_.driver,     std::string(to),
                              ours.value()};
  const long long answer = run(redis_script::give_root, 5, arguments)->integer;
  if (answer < 0) ours.refuse();
  return answer == 1;
}

}  // namespace banyan::detail
