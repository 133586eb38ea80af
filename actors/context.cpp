#include <banyan/context.hpp>

#include <random>

#include "messages/clock.hpp"

namespace banyan {
namespace {

/// The recorded answer of a step, or one made by `make` and recorded now.
template <class T, class Make>
T recorded_value(detail::activation& a, detail::step_kind kind, std::string_view what, Make make) {
  const detail::step_ticket step = a.begin_step(kind, "");
  if (step.recorded) return detail::decode<T>(*step.recorded, what);
  const T value = make();
  a.record_step_now(step, detail::encode(value));
  return value;
}

std::uint64_t random_bits() {
  thread_local std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

/// Version 4: 122 random bits.
std::string random_uuid() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  std::uint64_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    if (i % 16 == 0) bits = random_bits();
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    unsigned digit = bits & 15;
    bits >>= 4;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3);
    text += digits[digit];
  }
  return text;
}

}  // namespace

std::chrono::system_clock::time_point context::now() {
  const auto clock = [this] { return detail::to_millis(activation_.clock_now()); };
  return detail::from_millis(
      recorded_value<detail::millis>(activation_, detail::step_kind::now, "the recorded time", clock));
}

std::uint64_t context::random() {
  return recorded_value<std::uint64_t>(activation_, detail::step_kind::random, "the recorded random number",
                                       random_bits);
}

std::string context::uuid() {
  return recorded_value<std::string>(activation_, detail::step_kind::uuid, "the recorded uuid", random_uuid);
}

std::uint64_t context::fencing_number() const {
  if (const auto number = activation_.place_number()) return *number;
  throw error(errc::invalid_argument, "fencing_number is for functions that have a place in a queue");
}

}  // namespace banyan
