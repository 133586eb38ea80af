#include "persistence/outside.hpp"

#include <tuple>
#include <utility>
#include <vector>

#include "messages/family.hpp"

namespace banyan::detail {
namespace {

/// What of a record a result from outside is made of.
struct target {
  banyan::key key;
  std::uint32_t attempts = 1;
  std::string function;
  on_parent_done policy = on_parent_done::follow;
  bool step = false;
  bool settled = false;
  bytes result;  ///< empty: none yet
  gauge_record gauge;

  bool has_result() const { return !result.empty(); }
};

/// Damaged registers count as unwritten: an operator must be able to end a future whose record is damaged.
template <class Decode>
void decode_if_sound(Decode&& decode) {
  try {
    decode();
  } catch (const error& e) {
    if (e.code() != errc::corrupt_record) throw;
  }
}

target read_target(const key& k, const record& r) {
  target t;
  t.key = k;
  t.attempts = static_cast<std::uint32_t>(r.attempts.size() + 1);
  t.result = r.result;
  decode_if_sound([&] {
    entry e = decode_entry(r.spec);
    t.step = e.kind == entry_kind::step || e.kind == entry_kind::signal;
    t.policy = e.spec.settings().on_parent_done;
    t.gauge.gauge.weight = e.spec.settings().weight.value_or(1);
    t.function = std::move(e.spec.function);
  });
  if (!r.gauge.empty()) decode_if_sound([&] { t.gauge = decode_gauge(r.gauge); });
  t.settled = t.has_result() && t.gauge.settled;
  if (t.has_result()) decode_if_sound([&] { t.settled = t.settled || decode_result(r.result).settled; });
  return t;
}

target find_target(store& s, const key& k) {
  const std::optional<record> r = s.load(k);
  if (!r) throw error(errc::not_found, "no future " + k.str() + " in " + s.describe());
  target t = read_target(k, *r);
  if (t.step) {
    throw error(errc::invalid_argument, k.str() + " is a step of a future, not a future");
  }
  return t;
}

result_record make_result(const target& t, const outcome& o, millis now) {
  result_record r;
  r.outcome = o.status;
  r.value = o.value;
  if (o.failure) r.failure = *o.failure;
  if (!o.ok() && !r.failure.origin) {
    r.failure.origin = t.key;
    r.failure.function = t.function;
  }
  r.started = t.gauge.started;
  r.finished = now;
  r.attempts = t.attempts;
  r.gauge = t.gauge.gauge;
  if (o.ok()) r.gauge = progress_of_success(r.gauge);
  return r;
}

result_record make_cancelled_result(const target& t, millis now) {
  const outcome_ptr o = make_cancelled({errc::cancelled, "cancelled from outside", {}, {}});
  return make_result(t, *o, now);
}

void append_result(std::vector<write>& writes, const key& k, const result_record& r) {
  writes.push_back({write::what::result, k.family, k.index, 0, encode_result(r)});
  writes.push_back({write::what::notice, k.family, k.index, 0, {}});
}

result_record read_existing(const key& k, const bytes& data) {
  try {
    return decode_result(data);
  } catch (const error& e) {
    throw error(e.code(), k.str() + ": " + e.message());
  }
}

outside_answer write_result(store& s, const target& t, result_record r) {
  if (!t.result.empty()) return {false, read_existing(t.key, t.result)};
  std::vector<write> writes;
  append_result(writes, t.key, r);
  std::vector<write_outcome> outcomes(writes.size());
  s.commit(writes, outcomes);
  if (outcomes[0].won) return {true, std::move(r)};
  return {false, read_existing(t.key, outcomes[0].existing)};
}

/// Cancels what is open below futures that have their results.
class cancellation {
 public:
  cancellation(store& s, millis now) : store_(s), now_(now) {}

  /// Returns how many, and one of them.
  std::pair<std::size_t, key> below(const target& top) {
    decided_.push_back({top.key, top.attempts});
    while (!decided_.empty()) {
      const parent p = decided_.back();
      decided_.pop_back();
      for (std::uint32_t attempt = 1; attempt <= p.attempts; ++attempt) visit(child_family(p.key, attempt));
    }
    return {count_, newest_};
  }

 private:
  struct parent {
    banyan::key key;
    std::uint32_t attempts;
  };

  static bool is_open(const target& t) { return !t.step && !t.settled && t.policy != on_parent_done::detach; }

  /// Of a wide family no more than the numbers are held.
  void visit(const family_id& family) {
    std::vector<std::uint64_t> open;
    store_.scan(family, [&](record&& r) {
      if (!is_message(r.index) && is_open(read_target({family, r.index}, r))) open.push_back(r.index);
    });
    for (const std::uint64_t index : open) {
      const key k{family, index};
      if (const std::optional<record> r = store_.load(k)) take(read_target(k, *r));
    }
    cancel_batch();
  }

  void take(target&& t) {
    constexpr std::size_t batch_size = 256;
    if (t.has_result()) {
      decided_.push_back({t.key, t.attempts});
      return;
    }
    batch_.push_back(std::move(t));
    if (batch_.size() == batch_size) cancel_batch();
  }

  /// Whoever got a result in between is looked into like those that had one before.
  void cancel_batch() {
    std::vector<write> writes;
    for (const target& t : batch_) append_result(writes, t.key, make_cancelled_result(t, now_));
    std::vector<write_outcome> outcomes(writes.size());
    if (!writes.empty()) store_.commit(writes, outcomes);
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      if (outcomes[2 * i].won) {
        ++count_;
        newest_ = batch_[i].key;
      } else {
        decided_.push_back({batch_[i].key, batch_[i].attempts});
      }
    }
    batch_.clear();
  }

  store& store_;
  const millis now_;
  std::vector<parent> decided_;
  std::vector<target> batch_;
  std::size_t count_ = 0;
  key newest_;
};

}  // namespace

outside_answer set_result_from_outside(store& s, const key& k, const outcome& o, millis now) {
  const target t = find_target(s, k);
  return write_result(s, t, make_result(t, o, now));
}

cancel_answer cancel_from_outside(store& s, const key& k, millis now) {
  const target t = find_target(s, k);
  outside_answer answer = write_result(s, t, make_cancelled_result(t, now));
  cancel_answer cancelled{answer.won, std::move(answer.result), 0, {}};
  if (!cancelled.won && !cancelled.result.settled && !t.settled) {
    std::tie(cancelled.below, cancelled.one_below) = cancellation(s, now).below(t);
  }
  return cancelled;
}

}  // namespace banyan::detail
