#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <banyan/codec.hpp>
#include <banyan/detail/activation.hpp>
#include <banyan/detail/outcome.hpp>
#include <banyan/error.hpp>
#include <banyan/options.hpp>
#include <banyan/status.hpp>

/// What is stored, and how it is encoded: docs/internals/record-format.md.
/// Each `encode_*` has a `decode_*` that throws `error` (`corrupt_record`, or `store_too_new` for a higher
/// format version) and never reads outside its input.
namespace banyan::detail {

inline constexpr unsigned record_version = 1;

/// Milliseconds since 1970, as they are stored. 0 means none.
using millis = std::int64_t;

/// What a number in a family stands for.
enum class entry_kind : std::uint8_t {
  call = 0,     ///< a child future
  step = 1,     ///< a recorded answer
  promise = 2,  ///< a child whose result comes from outside
  signal = 3,   ///< what was sent to the future whose family this is
};

std::string_view to_string(step_kind kind);

/// A future whose successes another one takes over.
struct predecessor {
  predecessor(const key& k, std::optional<key> before = std::nullopt)  // NOLINT: implicit
      : what(k), until(before) {}

  key what;
  std::optional<key> until;  ///< nothing from this one on, which is below it

  bool operator==(const predecessor&) const = default;
};

/// Whoever makes a call without knowing the function gives it this version: that of whoever begins to run it.
inline constexpr std::uint32_t any_version = 0;

/// A function as records name it.
struct function_ref {
  std::string_view name;
  std::uint32_t version = 1;
};

/// In messages: "f", or "f (version 2)".
std::string to_string(const function_ref& f);

/// A child future or a promise. Written once, when it is spawned.
struct spec_record {
  entry_kind kind = entry_kind::call;
  std::string function;       ///< the registered name; a promise's own name
  std::uint32_t version = 1;  ///< of the function
  bytes arguments;            ///< a msgpack array, one element an argument; empty for a promise
  millis created = 0;
  millis start_at = 0;                  ///< 0: at once
  std::optional<predecessor> replaces;  ///< the child of an earlier attempt, or the root that is run again
  std::shared_ptr<const options> opts;  ///< null: the defaults. `id`, `start_after` and `start_at` are not stored here

  const options& settings() const;
  function_ref called() const { return {function, version}; }
};

/// A recorded answer. Written once, in the place of a spec.
struct step_record {
  step_kind kind = step_kind::run;
  std::string name;
  bytes answer;
};

/// What was sent to a future. Written once, at the next number that is free.
struct signal_record {
  key to;
  std::string name;
  std::string id;  ///< of the sending: what has the same id was sent once, however often it is recorded
  bytes value;
};

/// What a future came to. Written once; the first writer wins.
struct result_record {
  status outcome = status::success;  ///< success, failure or cancelled
  bytes value;                       ///< of a success
  error_info failure;                ///< of a failure or a cancellation
  bool settled = false;              ///< nothing below it was open when it was written
  millis started = 0;
  millis finished = 0;
  std::uint32_t attempts = 1;
  progress gauge;
};

/// What is overwritten while a future lives.
struct gauge_record {
  banyan::status status = banyan::status::pending;
  progress gauge;
  millis started = 0;
  millis updated = 0;
  bool settled = false;  ///< it has a result and nothing below it is open any more
  std::string parked;    ///< why it cannot go on in this program; empty: it can
};

/// Said once a family: whose children these are.
struct family_header {
  key parent;
  std::uint32_t attempt = 1;
  std::uint32_t level = 1;  ///< of the family's members; a root has level 0
  /// Of the function that began, where its spec says `any_version`.
  std::uint32_t version = any_version;
};

/// What a record in the spec register holds.
struct entry {
  entry_kind kind = entry_kind::call;
  spec_record spec;  ///< of a call or a promise
  step_record step;  ///< of a step
  signal_record signal;
};

/// The same, in memory.
outcome_ptr outcome_of(result_record r);

bytes encode_spec(const spec_record& spec);
/// The same for a call whose parts are at hand. Null: none.
bytes encode_call(const function_ref& function, std::string_view arguments, millis created, millis start_at,
                  const options* opts, const predecessor* replaces);
bytes encode_step(const step_record& step);
bytes encode_signal(const signal_record& signal);
bytes encode_result(const result_record& result);
bytes encode_gauge(const gauge_record& gauge);
/// A success is done by its whole weight, which is what was done where it was not known.
progress progress_of_success(progress p);
bytes encode_error(const error_info& info);
bytes encode_header(const family_header& header);
/// As a part of options, without a version: [event, retry, [function, arguments...]].
bytes encode_handler(handler_event e, const handler_call& h);

struct recorded_handler {
  handler_event event = handler_event::success;
  handler_call call;
};

recorded_handler decode_handler(std::string_view data);
entry decode_entry(std::string_view data);
result_record decode_result(std::string_view data);
gauge_record decode_gauge(std::string_view data);
error_info decode_error(std::string_view data);
family_header decode_header(std::string_view data);

}  // namespace banyan::detail
