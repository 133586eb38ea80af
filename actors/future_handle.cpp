#include <algorithm>
#include <thread>

#include <banyan/detail/result_watch.hpp>
#include <banyan/future.hpp>

#include "actors/blocking_scope.hpp"
#include "actors/engine.hpp"
#include "actors/live_view.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "messages/names.hpp"
#include "persistence/again.hpp"
#include "persistence/signals.hpp"
#include "persistence/view_json.hpp"

namespace banyan {
namespace detail {

void require_name(const future_handle& f) {
  if (!f.valid()) throw error(errc::invalid_argument, "this handle names no future");
}

std::shared_ptr<engine> open_engine(const future_handle& f) {
  require_name(f);
  auto e = engine::find(f.runtime_id());
  if (e) e->require_running();
  if (!e) throw error(errc::stopped, "the runtime of future " + f.key().str() + " was shut down");
  return e;
}

}  // namespace detail

namespace {

/// Waits for a while until nothing runs any more below a root that is to be run again.
void await_rest(const detail::engine& e, detail::live_view& view, const key& root) {
  constexpr std::chrono::milliseconds first_pause{1};
  constexpr std::chrono::milliseconds longest_pause{100};
  if (!detail::runs_below(view, root)) return;
  const detail::blocking_scope may_block("retry");
  const detail::activation* const inside = detail::current_activation();
  const auto deadline = std::chrono::steady_clock::now() + detail::store_patience;
  for (auto pause = first_pause; detail::runs_below(view, root); pause = std::min(2 * pause, longest_pause)) {
    if (std::chrono::steady_clock::now() >= deadline) return;
    if (inside && inside->is_cancelled()) throw cancelled();
    e.require_running();
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

detail::outcome_ptr future_handle::wait_outcome(std::optional<std::chrono::milliseconds> limit) const {
  detail::result_watch watch("get");
  watch.add(*this);
  if (watch.wait(1, false, limit)) return watch.result(0);
  throw timeout("no result of " + key_.str() + " within " + std::to_string(limit->count()) + " ms");
}

bool future_handle::wait_for(std::chrono::milliseconds d) const {
  detail::result_watch watch("wait_for");
  watch.add(*this);
  return watch.wait(1, false, d);
}

banyan::status future_handle::status() const {
  return detail::live_view(detail::open_engine(*this)).require(key_).status;
}

banyan::progress future_handle::progress() const {
  return detail::live_view(detail::open_engine(*this)).require(key_).progress;
}

bool future_handle::cancel() const { return detail::open_engine(*this)->cancel(key_); }

bool future_handle::set_error(const std::string& message) const {
  const auto engine = detail::open_engine(*this);
  const std::size_t most = engine->config().limits.max_payload;
  if (message.size() > most) {
    throw error(errc::too_large, "set_error: the message has " + std::to_string(message.size()) +
                                     " bytes, the limit is " + std::to_string(most));
  }
  return engine->set_result(key_, detail::make_failure({errc::failed, message, {}, key_}));
}

bool future_handle::set_encoded_value(bytes value) const {
  return detail::open_engine(*this)->set_result(key_, detail::make_success(std::move(value)));
}

bool future_handle::send_encoded(std::string_view name, bytes value) const {
  if (name.empty()) throw error(errc::invalid_argument, "a signal has a name");
  detail::check_name(name, "a signal's name");
  const auto engine = detail::open_engine(*this);
  detail::activation* const sender = detail::current_activation();
  const auto make_id = [&] { return sender ? sender->next_sending(name, value) : detail::random_sending(); };
  const std::string id = engine->patiently(make_id);
  // What led the sender here must not be lost when it is recorded that it was sent.
  if (sender) engine->data().journal_of(true).flush();
  return engine->send({key_, std::string(name), id, std::move(value)});
}

std::optional<bytes> future_handle::published_state() const {
  const auto engine = detail::open_engine(*this);
  const auto located = engine->data().find(key_);
  if (!located) throw error(errc::not_found, "no future has the key " + key_.str());
  engine->data().journal_of(located->durable).flush();
  const auto r = engine->data().store_of(located->durable).load(detail::published_by(key_));
  if (!r || r->state.empty()) return std::nullopt;
  return r->state;
}

std::vector<future_handle> future_handle::children() const {
  detail::live_view view(detail::open_engine(*this));
  std::vector<future_handle> handles;
  for (const banyan::key& k : detail::child_keys(view, view.require(key_))) handles.emplace_back(k, runtime_);
  return handles;
}

namespace {

/// Starts a root that `call_of` makes of what a view shows.
template <class CallOf>
future_handle begin_again(const future_handle& f, const CallOf& call_of) {
  const auto engine = detail::open_engine(f);
  detail::live_view view(engine);
  const auto located = engine->patiently([&] { return engine->data().find(f.key()); });
  detail::spec_record call = engine->patiently([&] { return call_of(*engine, view); });
  return {engine->run_again(std::move(call), !located || located->durable), f.runtime_id()};
}

}  // namespace

future_handle future_handle::retry() const {
  return begin_again(*this, [&](const detail::engine& e, detail::live_view& view) {
    await_rest(e, view, key_);
    return detail::retry_of(view, key_);
  });
}

future_handle future_handle::fork(const banyan::key& child) const {
  return begin_again(
      *this, [&](const detail::engine&, detail::live_view& view) { return detail::fork_of(view, key_, child); });
}

std::vector<future_handle> future_handle::handlers() const {
  detail::live_view view(detail::open_engine(*this));
  std::vector<future_handle> handles;
  detail::for_each_handler(view, view.require(key_),
                           [&](detail::future_view&& v) { handles.emplace_back(v.key, runtime_); });
  return handles;
}

std::string future_handle::to_json(std::size_t max_depth) const {
  detail::live_view view(detail::open_engine(*this));
  view.require(key_);
  std::string text;
  detail::view_json(view, key_, max_depth, detail::now_ms(), [&](std::string_view part) { text += part; });
  return text;
}

}  // namespace banyan
