#include "actors/ticket.hpp"

#include "actors/function_registry.hpp"

namespace banyan::detail {

ticket_ptr make_ticket(const key& self, life_ptr parent, std::uint32_t of_attempt, spec_record spec) {
  auto t = std::make_unique<ticket>();
  t->self = self;
  t->parent = std::move(parent);
  t->parent_attempt = of_attempt;
  t->function = find_function(spec.called());
  t->version = spec.version;
  if (!t->function) t->unknown_name = std::make_unique<std::string>(std::move(spec.function));
  t->arguments = std::move(spec.arguments);
  t->opts = std::move(spec.opts);
  t->created = spec.created;
  t->start_at = spec.start_at;
  if (spec.replaces) t->replaces = std::make_unique<predecessor>(*spec.replaces);
  return t;
}

}  // namespace banyan::detail
