#include <banyan/combinators.hpp>
#include <banyan/detail/recorded_run.hpp>

namespace banyan::detail {

task<> wait_for_all(std::vector<key> keys) {
  activation& a = require_activation("all");
  a.heed(keys);
  const step_ticket step = a.begin_step(step_kind::choice, "all");
  if (step.recorded) {
    // Only a failure is recorded: the same one is to be thrown again.
    const auto failed = decode<std::uint64_t>(*step.recorded, "the choice of all");
    const key wanted = keys.at(failed);
    co_await wait_awaiter({wait_request::what::any, {&wanted, 1}});
    value_or_throw(*a.result_of(wanted));
    co_return;
  }
  co_await wait_awaiter({wait_request::what::all, keys});
  if (const auto failed = a.first_of()) {
    const outcome_ptr result = a.result_of(keys[*failed]);
    a.record_step(step, encode<std::uint64_t>(*failed));
    co_await all_recorded();
    value_or_throw(*result);
  }
}

task<std::size_t> wait_for_any(std::vector<key> keys, bool cancel_losers) {
  if (keys.empty()) throw error(errc::invalid_argument, "any of no futures never comes");
  activation& a = require_activation("any");
  a.heed(keys);
  const step_ticket step = a.begin_step(step_kind::choice, "any");
  std::size_t first = 0;
  if (step.recorded) {
    first = decode<std::uint64_t>(*step.recorded, "the choice of any");
    if (first >= keys.size()) throw error(errc::corrupt_record, "the choice of any is out of range");
  } else {
    co_await wait_awaiter({wait_request::what::any, keys});
    first = a.first_of().value();
    a.record_step(step, encode<std::uint64_t>(first));
    co_await all_recorded();
  }
  if (cancel_losers) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i != first && keys[i] != keys[first]) a.cancel_child(keys[i]);
    }
  }
  co_return first;
}

task<std::size_t> wait_for_success(std::vector<key> keys, bool cancel_losers) {
  if (keys.empty()) throw error(errc::invalid_argument, "first_success of no futures never comes");
  activation& a = require_activation("first_success");
  a.heed(keys);
  const step_ticket step = a.begin_step(step_kind::choice, "first_success");
  std::optional<std::size_t> first;
  if (step.recorded) {
    first = decode<std::uint64_t>(*step.recorded, "the choice of first_success");
    co_await wait_awaiter({wait_request::what::any, {&keys.at(*first), 1}});
  }
  // That all failed is not recorded: their results say so for ever.
  std::vector<key> open = keys;
  while (!first && !open.empty()) {
    co_await wait_awaiter({wait_request::what::any, open});
    for (std::size_t i = 0; i < keys.size() && !first; ++i) {
      const outcome_ptr result = a.result_of(keys[i]);
      if (result && result->ok()) first = i;
    }
    std::erase_if(open, [&](const key& k) { return a.result_of(k) != nullptr; });
  }
  if (!first) {
    const outcome_ptr failed = a.result_of(keys.front());
    value_or_throw(*failed);
  }
  if (!step.recorded) {
    a.record_step(step, encode<std::uint64_t>(*first));
    co_await all_recorded();
  }
  for (std::size_t i = 0; cancel_losers && i < keys.size(); ++i) {
    if (keys[i] != keys[*first]) a.cancel_child(keys[i]);
  }
  co_return *first;
}

task<> wait_for_results(std::vector<key> keys) {
  require_activation("gather");
  co_await wait_awaiter({wait_request::what::some, keys});
}

}  // namespace banyan::detail
