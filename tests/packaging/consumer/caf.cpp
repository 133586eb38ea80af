#include <banyan/banyan.hpp>
#include <banyan/caf.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <iostream>

banyan::pending_result<int> later() { return banyan::pending; }
BANYAN_FUNCTION(later)

int main() {
  caf::actor_system_config config;
  caf::actor_system system(config);
  const auto rt = banyan::make_runtime(system);
  const auto number = rt->spawn(later);

  caf::scoped_actor self(system);
  auto answer = self->request(banyan::actor_of(number), std::chrono::seconds(60), banyan::get_atom::value);
  number.set_value(5);

  bool right = false;
  answer.receive([&](const std::string& value) { right = value == "\x05"; },
                 [&](const caf::error& e) { std::cerr << system.render(e) << '\n'; });
  return right ? 0 : 1;
}
