#include <banyan/detail/receive.hpp>

#include <algorithm>

#include "messages/clock.hpp"

namespace banyan::detail {
namespace {

/// [id, value] as two strings of bytes, or nil.
bytes encode_receipt(const std::optional<received_signal>& s) {
  bytes_sink sink;
  msgpack::packer<bytes_sink> p(sink);
  if (!s) {
    p.pack_nil();
    return std::move(sink.data);
  }
  p.pack_array(2);
  p.pack(s->id);
  p.pack_bin(static_cast<std::uint32_t>(s->value.size()));
  p.pack_bin_body(s->value.data(), static_cast<std::uint32_t>(s->value.size()));
  return std::move(sink.data);
}

std::optional<received_signal> decode_receipt(const bytes& answer) {
  using receipt = std::optional<std::tuple<std::string, std::vector<char>>>;
  const auto r = decode<receipt>(answer, "what a step has received");
  if (!r) return std::nullopt;
  const auto& [id, value] = *r;
  return received_signal{id, bytes(value.begin(), value.end())};
}

std::chrono::system_clock::time_point end_of_wait(activation& a, const std::string& name,
                                                  std::chrono::milliseconds limit) {
  const step_ticket step = a.begin_step(step_kind::sleep, name);
  if (step.recorded) return from_millis(decode<millis>(*step.recorded, "the end of a wait"));
  const auto end = later(a.clock_now(), std::max(limit, std::chrono::milliseconds(0)));
  a.record_step(step, encode(to_millis(end)));
  return end;
}

}  // namespace

task<std::optional<bytes>> receive(activation& a, std::string name, std::optional<std::chrono::milliseconds> limit) {
  if (name.empty()) throw error(errc::invalid_argument, "a signal has a name");
  const auto deadline = limit ? end_of_wait(a, name, *limit) : no_deadline;
  const step_ticket step = a.begin_step(step_kind::receive, name);
  std::optional<received_signal> s;
  if (step.recorded) {
    s = decode_receipt(*step.recorded);
    if (s) a.forget_signal(s->id);
  } else {
    co_await wait_awaiter({.kind = wait_request::what::signal, .deadline = deadline, .name = name});
    s = a.take_signal(name);
    a.record_step(step, encode_receipt(s));
  }
  if (!s) co_return std::nullopt;
  co_return std::move(s->value);
}

}  // namespace banyan::detail
