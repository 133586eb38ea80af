#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <banyan/key.hpp>

namespace banyan {

/// What kind of thing went wrong. The numbers are stored in records: they never change meaning.
enum class errc : std::uint8_t {
  failed = 1,             ///< a future function threw an exception
  permanent = 2,          ///< a future function threw `permanent_failure`: not retried
  cancelled = 3,          ///< the future was cancelled
  timeout = 4,            ///< a deadline passed
  nondeterminism = 5,     ///< a re-run asked for something else than the record holds
  crash_loop = 6,         ///< the future was running at too many crashes in a row
  unknown_function = 7,   ///< not registered in this program
  bad_payload = 8,        ///< a value that cannot be decoded as what was asked for, or is nested too deeply
  too_large = 9,          ///< a value above `limits::max_payload`
  bad_key = 10,           ///< the text of a key is malformed
  bad_url = 11,           ///< a store's URL is malformed or of an unknown kind
  invalid_argument = 12,  ///< a bad option or a call that makes no sense where it was made
  not_found = 13,
  id_conflict = 14,        ///< an `id` is already taken by another function or other arguments
  would_block = 15,        ///< a blocking call on a thread that must not block
  stopped = 16,            ///< the runtime was shut down
  store_unavailable = 17,  ///< cannot be reached now; may come back
  store_busy = 18,         ///< another process drives this store
  store_corrupt = 19,      ///< the file is damaged, or is none of ours
  store_too_new = 20,      ///< written by a newer version of Banyan
  store_read_only = 21,    ///< no right to write
  store_full = 22,         ///< no room to write
  corrupt_record = 23,     ///< one record is damaged
  store_denied = 24,       ///< the store's server wants a password, or gives no right to what is needed
  store_fenced = 25,       ///< a node could not renew its lease: others may drive now what it drove
  unknown_queue = 26,      ///< a queue that is none of `runtime_options::queues`
  budget_exceeded = 27,    ///< a future would be one more than a budget above it allows: not made, and not retried
};

/// The name of a code, as in "bad_key".
std::string_view to_string(errc code);

/// An error as it is recorded and sent: what went wrong, in which function of which future.
struct error_info {
  errc code = errc::failed;
  std::string message;
  std::string function;       ///< the function in which it arose; empty outside functions
  std::optional<key> origin;  ///< the future in which it arose; it keeps its origin on its way up
};

/// The base of all that Banyan throws. `what()` is the message followed by its origin. `function()` is empty and
/// `origin()` nothing where it arose in no future. An error owns what it says and may outlive its runtime.
class error : public std::runtime_error {
 public:
  error(errc code, const std::string& message);
  explicit error(error_info info);

  errc code() const { return info_.code; }
  const std::string& message() const { return info_.message; }
  const std::string& function() const { return info_.function; }
  const std::optional<key>& origin() const { return info_.origin; }
  const error_info& info() const { return info_; }

 private:
  error_info info_;
};

/// Thrown by `co_await f` and `f.get()` when the future failed, and by `co_await ctx.run` when the step did.
class failure : public error {
 public:
  using error::error;
};

/// Thrown when a future failed because its deadline passed, and by `get_for` when its time is up.
class timeout : public failure {
 public:
  using failure::failure;
  explicit timeout(const std::string& message) : failure(errc::timeout, message) {}
};

/// Thrown by `co_await f` and `f.get()` when the future was cancelled, and inside a cancelled function.
class cancelled : public error {
 public:
  using error::error;
  cancelled() : error(errc::cancelled, "cancelled") {}
};

/// Throw this in a future function, or in what `run` calls, to fail without a retry. Others get a `failure` with the
/// code `permanent`.
class permanent_failure : public error {
 public:
  explicit permanent_failure(const std::string& message) : error(errc::permanent, message) {}
};

/// Throws `info` as the class that fits its code.
[[noreturn]] void throw_error(const error_info& info);

}  // namespace banyan
