#include "tools/follow.hpp"

#include <algorithm>
#include <utility>

#include <banyan/error.hpp>

namespace banyan::tools {
namespace {

using namespace std::chrono_literals;
using detail::future_view;

future_view look(detail::view_source& source, const key& k) {
  std::optional<future_view> v = view_future(source, k);
  if (!v) throw error(errc::not_found, k.str() + " is gone: its tree was forgotten while it was watched");
  if (v->damage && !is_final(v->status)) throw error(*v->damage);
  return std::move(*v);
}

}  // namespace

future_view follow(detail::store& s, const key& k, std::chrono::milliseconds interval, const signal_guard& signals,
                   const std::function<void(const future_view&)>& show) {
  constexpr int share = 5;
  detail::store_source source(s);
  while (true) {
    const auto begin = std::chrono::steady_clock::now();
    future_view v = look(source, k);
    show(v);
    if (is_final(v.status) || signals.received()) return v;
    const auto cost = std::chrono::steady_clock::now() - begin;
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(cost) * share;
    signals.wait(std::clamp<std::chrono::milliseconds>(pause, interval, 10s));
  }
}

}  // namespace banyan::tools
