#include <algorithm>
#include <thread>

#include "actors/blocking_scope.hpp"
#include "actors/engine.hpp"
#include "actors/option_rules.hpp"
#include "actors/travel.hpp"
#include "messages/family.hpp"
#include "persistence/adoption.hpp"

namespace banyan::detail {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{100};
constexpr std::chrono::milliseconds between_words{500};  ///< to other programs

[[noreturn]] void refuse(const error_info& why) {
  if (why.code == errc::timeout) throw timeout(why.message);
  if (why.code == errc::cancelled) throw cancelled(why);
  throw error(why.code, why.message);
}

}  // namespace

/// What somebody here waits for.
struct engine::adoption {
  key parent;
  key request;
  bytes call;
  bool durable;
};

key engine::adopt(const key& parent, const options& opts, const function_entry& function, bytes arguments) {
  require_running();
  check_adopted_options(opts);
  check_queue(opts);
  check_payload(arguments, settings_.limits.max_payload, settings_.limits.max_depth,
                "the arguments of " + function.name);
  check_handler_arguments(opts, settings_.limits);
  const blocking_scope may_block("adopt");
  const auto located = patiently([&] { return records_.find(parent); });
  if (!located || located->found.spec.empty()) throw error(errc::not_found, "no future has the key " + parent.str());
  check_adopts(parent, located->found);
  const millis now = now_ms();
  const bytes call = encode_call({function.name, function.version}, arguments, now, start_time(opts, now),
                                 recorded_options(opts).get(), nullptr);
  if (!located->found.result.empty()) {
    store& s = records_.store_of(located->durable);
    if (const auto child = patiently([&] { return find_adopted(s, parent, opts.id, call); })) return *child;
    refuse(too_late(parent));
  }
  journal& j = records_.journal_of(located->durable);
  adoption_request request = patiently([&] {
    return request_adoption(records_.store_of(located->durable), parent, opts.id, call,
                            [&](const write& w) { return j.commit({w}, store_patience); });
  });
  return await_answer({parent, request.at, std::move(request.call), located->durable});
}

key engine::await_answer(const adoption& a) {
  journal& j = records_.journal_of(a.durable);
  const key child = answer_to(a.request);
  const auto deadline = steady::now() + store_patience;
  auto next_word = steady::now();
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    const bool due = steady::now() >= next_word;
    if (due) next_word = steady::now() + between_words;
    patiently([&] { tell_of_request(a, due); });
    const auto found = patiently([&] { return records_.store_of(a.durable).load(child); });
    if (const auto answer = found ? read_answer(*found) : std::nullopt) {
      if (answer->adopted) return child;
      refuse(answer->refused_for);
    }
    if (const auto why = reason_to_withdraw(a, steady::now() < deadline)) {
      // Unless it has just been answered.
      j.commit({refusal_of(a.request, *why)}, store_patience);
      continue;
    }
    std::this_thread::sleep_for(pause);
  }
}

std::optional<error_info> engine::reason_to_withdraw(const adoption& a, bool in_time) {
  const auto located = patiently([&] { return records_.find(a.parent); });
  if (!located) {
    // What was written below it after it was forgotten.
    records_.write(a.durable, {write::what::drop_family, a.request.family, 0, 0, {}});
    throw error(errc::not_found, "no future has the key " + a.parent.str());
  }
  const auto because = [&](errc code, const std::string& why) {
    return error_info{code, a.parent.str() + why, {}, {}};
  };
  if (!located->found.result.empty()) return too_late(a.parent);
  const activation* const inside = current_activation();
  if (inside && inside->is_cancelled())
    return because(errc::cancelled, ": who asked it to adopt a child was cancelled");
  require_running();
  if (!in_time) {
    return because(errc::timeout, " has not begun to run, or nobody who runs it answers: it adopts nothing");
  }
  return std::nullopt;
}

void engine::tell_of_request(const adoption& a, bool elsewhere_too) {
  if (const life_ptr l = live_.find(a.parent)) {
    decide_adoption(l, a.request, a.call);
  } else if (elsewhere_too) {
    tell_elsewhere(a.parent, a.request, a.durable);
  }
}

/// Of a future that is alive here.
void engine::decide_adoption(const life_ptr& parent, const key& request, const bytes& call) {
  const key child = answer_to(request);
  const std::uint64_t number = request_number(request);
  if (const auto answered = records_.store_of(parent->durable).load(child); answered && !answered->spec.empty()) return;
  parent->has_more.store(true, std::memory_order_relaxed);
  const auto spec = std::make_shared<spec_record>(decode_entry(call).spec);
  const auto may = parent->begin_adoption(number, spec->opts ? spec->opts : std::make_shared<const options>());
  if (may == life::begun::closed) {
    const error_info why{errc::invalid_argument,
                         parent->self.str() +
                             " adopts no child any more: it has its result, or has called its "
                             "handlers for all children",
                         {},
                         {}};
    records_.write(parent->durable, refusal_of(request, why));
  }
  if (may != life::begun::yes) return;
  if (parent->budget) {
    if (const auto why = parent->budget->take(child.index, spec->arguments.size())) {
      parent->end_adoption(number, false);
      post(*parent, adoption_decided{});
      records_.write(parent->durable, refusal_of(request, *why));
      return;
    }
  }
  std::vector<write> group;
  group.push_back({write::what::header, child.family, 0, 0,
                   encode_header({parent->self, 1, parent->level + 1, parent->header_version()})});
  group.push_back({write::what::spec, child.family, child.index, 0, call});
  records_.journal_of(parent->durable)
      .submit(std::move(group),
              [this, parent, child, number, spec, call, t = motion::token(motion_)](const write_outcome& o) {
                const bool adopted = o.won || o.existing == call;
                parent->end_adoption(number, adopted);
                post(*parent, adoption_decided{});
                if (!adopted && parent->budget) parent->budget->give_back(child.index);
                if (!adopted) return;
                ticket_ptr started = make_ticket(child, parent, adopted_attempt, std::move(*spec));
                if (!o.won) expect_record(*started);
                started->under_way = t;
                enqueue(std::move(started));
              });
}

}  // namespace banyan::detail
