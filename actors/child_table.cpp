#include "actors/child_table.hpp"

namespace banyan::detail {

child_table::child* child_table::find(std::uint64_t number) {
  if (number >= children_.size() || children_[number].state == state::none) return nullptr;
  return &children_[number];
}

void child_table::add_child(banyan::on_parent_done policy, double weight, bool handled) {
  adopt(children_.size(), policy, weight).handled = handled;
}

child_table::child& child_table::adopt(std::uint64_t number, banyan::on_parent_done policy, double weight) {
  if (number >= children_.size()) children_.resize(number + 1);
  child& c = children_[number];
  c.state = state::open;
  c.policy = policy;
  update(c, 0, weight);
  has_children_ = true;
  return c;
}

bool child_table::finish(std::uint64_t number, outcome_ptr result, double calculated, double weight) {
  child* c = find(number);
  if (!c || c->state != state::open) return false;
  c->state = state::done;
  c->result = std::move(result);
  update(*c, calculated, weight);
  return true;
}

bool child_table::close(std::uint64_t number) {
  child* c = find(number);
  if (!c || c->state != state::done) return false;
  c->state = state::closed;
  return true;
}

bool child_table::report(std::uint64_t number, double calculated, double weight) {
  child* c = find(number);
  if (!c || c->state == state::closed || (calculated <= c->calculated && weight == c->weight)) return false;
  update(*c, calculated > c->calculated ? calculated : c->calculated, weight);
  return true;
}

void child_table::update(child& c, double calculated, double weight) {
  calculated_ += calculated - c.calculated;
  const auto count = [this](double w, int sign) {
    if (w < unknown_weight) {
      weight_ += sign * w;
    } else {
      unknown_ += static_cast<std::uint64_t>(sign);
    }
  };
  count(c.weight, -1);
  count(weight, 1);
  c.calculated = calculated;
  c.weight = weight;
}

}  // namespace banyan::detail
