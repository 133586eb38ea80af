#include "nodes/node.hpp"

#include <algorithm>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"

namespace banyan::detail {
namespace {

/// How often it looks how much there is to do, here and, while it has nothing to do, elsewhere.
constexpr std::chrono::milliseconds load_interval{100};
constexpr std::chrono::milliseconds hungry_interval{10};

membership& members_of(engine& e) {
  if (membership* const m = e.data().backend().cluster()) return *m;
  throw error(errc::invalid_argument, e.data().backend().describe() + " cannot be shared by nodes: use a Redis");
}

node_hello make_hello(engine& e, const node_options& options) {
  node_hello hello;
  hello.name = e.config().name;
  hello.incarnation = members_of(e).incarnation();
  hello.card = own_card();
  hello.card.roles = options.roles;
  hello.functions = registered_functions();
  hello.queues = e.waiting_places().names();
  return hello;
}

/// What a node of the store says of itself. Throws `error` where this program cannot work with it.
node_card require_fit(const member& m) {
  node_card card;
  try {
    card = decode_card(m.about);
  } catch (const error& e) {
    throw error(errc::invalid_argument, "the node " + m.name + " is left alone: " + e.message());
  }
  if (const std::string why = difference(own_card(), card, m.name); !why.empty()) {
    throw error(errc::invalid_argument, why);
  }
  return card;
}

mesh::settings mesh_settings(const node_options& o) {
  return {require_address(o.listen), o.heartbeat, o.lease, o.certificate, o.key, o.ca};
}

}  // namespace

node::node(engine& e, node_options options)
    : engine_(e),
      members_(members_of(e)),
      options_(std::move(options)),
      roster_(make_hello(e, options_)),
      succession_(e, members_),
      known_functions_(registry_generation()),
      started_(e.now_ms()) {
  for (const member& m : members_.members()) {
    if (m.alive) require_fit(m);
  }
  e.join(*this);
  mesh_ = std::make_unique<mesh>(mesh_settings(options_), self(), make_events());
}

node::~node() {
  look_no_more();
  if (mesh_) hang_up();
}

mesh::events node::make_events() {
  mesh::events e;
  e.hello = [this] { return encode_hello(own_hello()); };
  e.greeted = [this](std::string_view hello) { return greeted(hello); };
  e.connected = [this](incarnation_id other) { connected(other); };
  e.disconnected = [this](incarnation_id other) {
    roster_.disconnected(other);
    // Its lease says whether it is gone.
    wake();
  };
  e.full = [this](incarnation_id other, bool full) {
    roster_.set_full(other, full);
    // Some may have waited for it.
    if (!full) wake();
  };
  e.received = [this](incarnation_id from, std::vector<frame> frames) { received(from, std::move(frames)); };
  e.warn = [this](const std::string& what) { engine_.log(log_level::warning, what); };
  return e;
}

node_hello node::own_hello() const { return make_hello(engine_, options_); }

void node::start() {
  announce();
  thread_ = std::thread([this] { run(); });
}

void node::look_no_more() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    wakes_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void node::wake() {
  const std::lock_guard lock(mutex_);
  look_now_ = true;
  wakes_.notify_all();
}

void node::run() {
  auto next_look = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!over_) {
    bool hungry = false;
    const bool looks = std::exchange(look_now_, false) || std::chrono::steady_clock::now() >= next_look;
    lock.unlock();
    try {
      if (looks) {
        next_look = std::chrono::steady_clock::now() + options_.heartbeat;
        look();
      }
      say_load();
      hungry = ask_for_work();
    } catch (const error& e) {
      // Roots may have been taken, and are to be resumed.
      look_at_own_.store(true);
      // Whoever writes meets the same trouble and says so.
      engine_.log(log_level::debug, std::string("cannot look for the other nodes: ") + e.what());
    }
    lock.lock();
    wakes_.wait_for(lock, hungry ? hungry_interval : load_interval, [this] { return over_ || look_now_; });
  }
}

void node::look() {
  look_for_functions();
  announce();
  const std::vector<member> members = members_.members();
  note(members);
  // A server that lost its last second has lost it from the list, too.
  if (std::ranges::find(members, self(), &member::incarnation) == members.end()) last_card_.clear();
  std::vector<incarnation_id> takers{self()};
  for (const member& m : members) {
    if (m.name == engine_.config().name) {
      if (m.incarnation == self()) heed_operator(m.draining);
      continue;
    }
    if (!m.alive) continue;
    if (!m.draining) takers.push_back(m.incarnation);
    meet(m);
  }
  go_by_the_store(cut_off());
  ask_after_children();
  if (look_at_own_.exchange(false)) succession_.look_at_own();
  if (!draining_ && !leaving_.load()) succession_.look(members, takers, options_.roles);
}

void node::heed_operator(bool drain) {
  if (leaving_.load()) return;
  draining_ = drain;
  roster_.set_leaving(self(), drain);
  if (drain) engine_.exchange()->hand_out();
}

/// Those that were alive at the last look and are not now are lost.
void node::note(const std::vector<member>& members) {
  std::unordered_map<incarnation_id, std::string> alive;
  for (const member& m : members) {
    if (m.alive && m.incarnation != self()) alive.emplace(m.incarnation, m.name);
  }
  std::vector<incarnation_id> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, name] : alive_) {
      if (!alive.contains(id)) gone.push_back(id);
    }
    alive_ = std::move(alive);
  }
  // It may have made us the driver of a root, and was not there any more to say so.
  if (!gone.empty()) look_at_own_.store(true);
  for (const incarnation_id id : gone) {
    roster_.disconnected(id);
    mesh_->drop(id);
    engine_.exchange()->lost(id);
  }
  engine_.exchange()->changed();
}

void node::meet(const member& m) {
  node_card card;
  try {
    card = require_fit(m);
  } catch (const error& e) {
    return refuse(m, e.message());
  }
  roster_.set_leaving(m.incarnation, m.draining);
  // One of two dials, so that there is one connection.
  if (roster_.is_connected(m.incarnation) || m.name < engine_.config().name) return;
  try {
    mesh_->dial(m.incarnation, require_address(card.address));
  } catch (const error& e) {
    refuse(m, "the node " + m.name + " cannot be reached: " + e.what());
  }
}

void node::refuse(const member& m, const std::string& why) {
  if (refused_.insert(m.name).second) engine_.log(log_level::error, why);
}

bool node::exists(incarnation_id other) const {
  const std::lock_guard lock(mutex_);
  return alive_.contains(other);
}

bool node::find_out(incarnation_id other) {
  if (exists(other)) return true;
  for (const member& m : members_.members()) {
    if (m.incarnation != other || !m.alive) continue;
    const std::lock_guard lock(mutex_);
    alive_.emplace(other, m.name);
    return true;
  }
  return false;
}

incarnation_id node::greeted(std::string_view data) {
  node_hello hello = decode_hello(data);
  if (const std::string why = difference(own_card(), hello.card, hello.name); !why.empty()) {
    throw error(errc::invalid_argument, why);
  }
  const incarnation_id other = hello.incarnation;
  if (other == self() || !find_out(other)) {
    throw error(errc::invalid_argument, "'" + hello.name + "' is no node of this cluster");
  }
  roster_.connected(std::move(hello));
  return other;
}

void node::connected(incarnation_id other) {
  {
    const std::lock_guard lock(mutex_);
    last_load_ = ~std::uint64_t{0};
  }
  // It may have made us the driver of a root, without our hearing of it.
  look_at_own_.store(true);
  engine_.exchange()->connected(other);
  engine_.exchange()->changed();
}

/// Of a library that was loaded meanwhile.
void node::look_for_functions() {
  const std::uint64_t generation = registry_generation();
  if (std::exchange(known_functions_, generation) == generation) return;
  roster_.set_functions(registered_functions());
  mesh_->introduce();
}

bool node::give_root(const family_id& root, incarnation_id to) {
  const std::string name = to == 0 ? std::string() : roster_.name_of(to);
  try {
    return (to == 0 || !name.empty()) && members_.give_root(root, name);
  } catch (const error&) {
    return false;
  }
}

void node::announce() {
  const admission::load now = engine_.gate().current_load();
  node_card card = own_hello().card;
  card.address = options_.advertise.empty() ? address().str() : options_.advertise;
  card.running = now.running;
  card.pending = now.queued;
  card.since = started_;
  if (bytes about = encode_card(card); about != last_card_) {
    members_.announce(about);
    last_card_ = std::move(about);
  }
}

void node::wind_down(std::chrono::milliseconds grace) {
  leaving_.store(true);
  roster_.set_leaving(self(), true);
  try {
    members_.set_draining(engine_.config().name, true);
  } catch (const error& e) {
    engine_.log(log_level::warning, std::string("cannot say that this node leaves: ") + e.what());
  }
  engine_.exchange()->hand_out();
  engine_.start_no_more();
  constexpr std::chrono::milliseconds between_looks{20};
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (engine_.gate().current_load().running > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(between_looks);
  }
}

void node::hand_over() {
  try {
    // Others may have given it more meanwhile.
    constexpr int most_tries = 1000;
    for (int i = 0; i < most_tries && !members_.leave(); ++i) {
      for (const family_id& root : members_.roots_of(engine_.config().name, 1000)) members_.give_root(root, "");
    }
  } catch (const error& e) {
    engine_.log(log_level::warning,
                std::string("left without a word; others take over when the lease is over: ") + e.what());
  }
}

}  // namespace banyan::detail
