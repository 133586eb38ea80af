#include <banyan/completion.hpp>

#include <algorithm>
#include <unordered_set>

#include <banyan/detail/recorded_run.hpp>

#include "messages/clock.hpp"

namespace banyan::detail {
namespace {

using what = wait_request::what;

/// The end of a wait that is limited, recorded as that of a sleep is.
std::chrono::system_clock::time_point recorded_end(activation& a, std::chrono::milliseconds d, std::string_view name) {
  const step_ticket step = a.begin_step(step_kind::sleep, name);
  if (step.recorded) return from_millis(decode<millis>(*step.recorded, "the end of a wait"));
  const auto end = later(a.clock_now(), std::max(d, std::chrono::milliseconds(0)));
  a.record_step(step, encode(to_millis(end)));
  return end;
}

/// As many bytes as it takes, the first key at the lowest bit of the first.
bytes pack_bits(const std::vector<bool>& bits) {
  bytes packed((bits.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) packed[i / 8] = static_cast<char>(packed[i / 8] | (1 << (i % 8)));
  }
  return packed;
}

std::vector<bool> unpack_bits(const bytes& packed, std::size_t count) {
  if (packed.size() != (count + 7) / 8) throw error(errc::corrupt_record, "the choice of wait is of another length");
  std::vector<bool> bits(count);
  for (std::size_t i = 0; i < count; ++i) bits[i] = (packed[i / 8] >> (i % 8) & 1) != 0;
  return bits;
}

std::size_t count_different(const std::vector<key>& keys) {
  return std::unordered_set<key>(keys.begin(), keys.end()).size();
}

}  // namespace

std::size_t wanted_count(const wait_options& opts, const std::vector<key>& keys) {
  if (opts.until > wait_until::first_failure) throw error(errc::invalid_argument, "wait: there is no such wait_until");
  const std::size_t different = count_different(keys);
  if (opts.count > different) {
    throw error(errc::invalid_argument,
                "wait for " + std::to_string(opts.count) + " of " + std::to_string(different) + " futures never ends");
  }
  if (opts.count > 0) return opts.count;
  return opts.until == wait_until::first ? std::min<std::size_t>(1, different) : different;
}

task<std::vector<bool>> wait_for_some(std::vector<key> keys, wait_options opts) {
  activation& a = require_activation("wait");
  const std::size_t spare = count_different(keys) - wanted_count(opts, keys);
  auto end = no_deadline;
  if (opts.deadline) end = recorded_end(a, *opts.deadline, "wait");
  a.heed(keys);
  const step_ticket step = a.begin_step(step_kind::choice, "wait");
  std::vector<bool> done(keys.size());
  if (step.recorded) {
    done = unpack_bits(decode<bytes>(*step.recorded, "the choice of wait"), keys.size());
    std::vector<key> wanted;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (done[i]) wanted.push_back(keys[i]);
    }
    co_await wait_awaiter({what::some, wanted});
    co_return done;
  }
  const bool to_failure = opts.count == 0 && opts.until == wait_until::first_failure;
  co_await wait_awaiter({to_failure ? what::all : what::some, keys, end, spare});
  for (std::size_t i = 0; i < keys.size(); ++i) done[i] = a.result_of(keys[i]) != nullptr;
  a.record_step(step, encode(pack_bits(done)));
  co_await all_recorded();
  co_return done;
}

task<bool> wait_with_timeout(key k, std::chrono::milliseconds d, bool cancel) {
  activation& a = require_activation("with_timeout");
  const auto end = recorded_end(a, d, "with_timeout");
  a.heed({&k, 1});
  const step_ticket step = a.begin_step(step_kind::choice, "with_timeout");
  bool in_time = false;
  if (step.recorded) {
    in_time = decode<bool>(*step.recorded, "the choice of with_timeout");
  } else {
    co_await wait_awaiter({what::some, {&k, 1}, end});
    in_time = a.result_of(k) != nullptr;
    a.record_step(step, encode(in_time));
    co_await all_recorded();
  }
  if (!in_time && cancel) a.cancel_child(k);
  co_return in_time;
}

completion_order::completion_order(std::vector<key> keys) {
  for (const key& k : keys) add(k);
}

void completion_order::add(const key& k) {
  open_.push_back(k);
  numbers_.push_back(added_++);
}

task<std::vector<std::size_t>> completion_order::next(std::size_t most) {
  activation& a = require_activation("as_completed");
  if (open_.empty() || most == 0) co_return {};
  a.heed(open_);
  const step_ticket step = a.begin_step(step_kind::choice, "as_completed");
  std::vector<std::size_t> places;
  if (step.recorded) {
    places = decode<std::vector<std::size_t>>(*step.recorded, "the choice of as_completed");
    std::vector<key> wanted;
    for (const std::size_t p : places) {
      if (p >= open_.size()) throw error(errc::corrupt_record, "the choice of as_completed is out of range");
      wanted.push_back(open_[p]);
    }
    co_await wait_awaiter({what::some, wanted});
    co_return take(places);
  }
  places = ready(a, most);
  if (places.empty()) {
    co_await wait_awaiter({what::any, open_});
    places = ready(a, most);
  }
  // What is written after it is durable after it.
  a.record_step(step, encode(places));
  co_return take(places);
}

/// The places, from the last one to the first, of those that have results.
std::vector<std::size_t> completion_order::ready(activation& a, std::size_t most) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < open_.size() && places.size() < most; ++i) {
    const std::size_t place = look_from_++ % open_.size();
    if (a.result_of(open_[place])) places.push_back(place);
  }
  std::ranges::sort(places, std::greater<>());
  return places;
}

/// Precondition: from the last one to the first.
std::vector<std::size_t> completion_order::take(const std::vector<std::size_t>& places) {
  std::vector<std::size_t> numbers;
  for (const std::size_t p : places) {
    numbers.push_back(numbers_[p]);
    open_[p] = open_.back();
    numbers_[p] = numbers_.back();
    open_.pop_back();
    numbers_.pop_back();
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace banyan::detail
