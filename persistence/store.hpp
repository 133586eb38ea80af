#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/key.hpp>

namespace banyan::detail {

/// What the store holds of one number of a family. An empty string is a register that was never written.
struct record {
  std::uint64_t index = 0;
  bytes spec;                   ///< write-once: a call, a step or a promise
  bytes result;                 ///< write-once
  bytes gauge;                  ///< overwritten
  bytes state;                  ///< overwritten: what `checkpoint` keeps
  std::vector<bytes> attempts;  ///< the errors of failed attempts, [0] of the first; each write-once

  bool operator==(const record&) const = default;
};

struct root_entry {
  family_id family;  ///< the root's key is index 0 of it
  std::int64_t created = 0;
  std::int64_t settled = 0;  ///< 0: there is something left to do in this tree
  bool ends = false;         ///< the store expires it by itself

  bool operator==(const root_entry&) const = default;
};

/// One write to one family (or to the list of roots, or of notices).
struct write {
  enum class what : std::uint8_t {
    spec,         ///< once: keeps what is there
    result,       ///< once: keeps what is there
    attempt,      ///< once per `number` (counted from 1): keeps what is there
    gauge,        ///< overwrites
    state,        ///< overwrites
    header,       ///< once: whose children the family holds
    drop_family,  ///< forgets the family: records and header
    add_root,     ///< lists `family` as a root created at `number` ms; keeps an entry that is there
    settle_root,  ///< the root settled at `number` ms; nothing if it is not listed or settled already
    drop_root,    ///< takes `family` off the list of roots, unless another runtime drives it
    notice,       ///< tells the driver that the record of (family, index) was changed from outside
    // Where the store `expires`; elsewhere they do nothing.
    claim_root,     ///< lists `family` as a root created at `number` ms that is not settled and is ours, whatever was
                    ///< listed
    expire_family,  ///< forgets the family by itself `number` ms from now on
    expire_root,    ///< takes a settled root off the list by itself `number` ms from now on
    // Where the store is `shared`; elsewhere it does nothing.
    home,  ///< some of the family may run in the incarnation `value` (its text); goes with the family
  };

  what kind = what::spec;
  family_id family;
  std::uint64_t index = 0;
  std::int64_t number = 0;
  bytes value;  ///< an empty one leaves a write-once register as it is, and makes an overwritten one unwritten again
};

inline constexpr std::int64_t max_attempt_number = 1'000'000;
inline constexpr std::size_t max_register_bytes = 128u << 20;

/// Throws `error` for a write that no store takes: `too_large` for a value of more than `max_register_bytes`,
/// `invalid_argument` for an attempt that is not numbered from 1 to `max_attempt_number`.
void check_write(const write& w);

/// True for a write to a register that keeps what is there.
bool is_once(const write& w);

/// Answer to a write-once write; for all other writes `won` is true.
struct write_outcome {
  bool won = true;
  bytes existing;  ///< what is there, when this write did not win
};

/// What an operator should know of a store, in a line.
struct store_remark {
  bool warns = false;
  std::string text;
};

class membership;
class running_marks;

/// How a driver holds a store that is shared.
struct session_options {
  std::chrono::milliseconds lease{5000};  ///< its name is free so long after it was last heard of
  /// It gives up for good when it could not renew its lease in time, because others may then drive what it drove:
  /// `commit` throws `store_fenced`. Otherwise it takes the lease again where nobody else has.
  bool fenced = false;
};

/// How a store is opened.
enum class open_mode : std::uint8_t {
  drive,    ///< runs futures; one process at a time where the store is a file
  read,     ///< reads only
  outside,  ///< reads, and writes from outside: results, notices, drops
};

/// Where records are kept: a few registers a future, in families. Rules about futures never live here.
///
/// Threads: `commit` is called by one thread at a time, except that an immediate store takes it from any thread at
/// any time, as all stores take all else. A read sees every commit that returned before it began.
/// Errors: everything throws `error`: `store_unavailable`, `store_full` and `store_busy` may pass and the call
/// may be repeated (writes are harmless to repeat); `store_corrupt`, `store_read_only`, `store_denied` and
/// `store_too_new` will not.
class store {
 public:
  virtual ~store() = default;

  /// Carries out the writes in their order and fills in one outcome each. On return they are durable as far as
  /// the store's settings promise. When it throws, or the process dies, any part of it may have been done: a prefix of
  /// the writes to each family, drops and settled roots after all that comes before them.
  virtual void commit(std::span<const write> writes, std::span<write_outcome> outcomes) = 0;

  /// As `commit`; calls `meanwhile` once: while others carry out the writes, or before. It may throw before it has.
  virtual void commit_meanwhile(std::span<const write> writes, std::span<write_outcome> outcomes,
                                const std::function<void()>& meanwhile) {
    meanwhile();
    commit(writes, outcomes);
  }

  /// One number of a family; nothing if no register of it was written.
  virtual std::optional<record> load(const key& k) = 0;

  /// All records of a family by rising index, one at a time. `visit` must not call the store.
  virtual void scan(const family_id& family, const std::function<void(record&&)>& visit) = 0;

  /// The family's header, or empty.
  virtual bytes header(const family_id& family) = 0;

  /// The listed roots by rising family id; with `unsettled_only` those with work left.
  virtual std::vector<root_entry> roots(bool unsettled_only) = 0;
  virtual std::optional<root_entry> root(const family_id& family) = 0;

  /// A small value that several processes change by turns: makes it `wanted` if it is `expected`, or is so already, and
  /// keeps it for `kept` from now on at least. Empty stands for no value. Nothing: it is done, as durable as a commit.
  /// Otherwise what it is. Any thread may call it.
  virtual std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                               std::chrono::milliseconds kept) = 0;

  /// Takes the notices that were left since the last call, each key once, in no particular order. Cheap when there
  /// are none. The driver polls it.
  virtual std::vector<key> take_notices() = 0;

  /// Waits, for `longest` at most, until there may be notices. Only a store that is shared waits; one thread calls it.
  virtual void await_hint(std::chrono::milliseconds longest) { static_cast<void>(longest); }
  /// From now on `await_hint` does not wait.
  virtual void stop_hints() {}

  /// True while a notice of this key is left that no driver has taken.
  virtual bool notice_pending(const key& k) = 0;

  /// True when a driver holds the store now; always false for stores that cannot be shared.
  virtual bool has_driver() = 0;

  /// True when several runtimes may drive trees in it at the same time, each its own: what is not found alive here may
  /// be alive elsewhere.
  virtual bool shared() const { return false; }

  /// The nodes that share it. Null where it is not shared. Who only reads can list them, no more.
  virtual membership* cluster() { return nullptr; }

  /// The incarnations in which some of a family may run, by their texts, as `write::what::home` said.
  virtual std::vector<std::string> homes(const family_id& family) {
    static_cast<void>(family);
    return {};
  }

  /// Once, on a thread of the store, as soon as a session that is `fenced` has lost its lease. It must not call the
  /// store. Set before the first commit.
  virtual void on_fenced(std::function<void()> call) { static_cast<void>(call); }

  /// False once a session that is `fenced` may not count on its lease any more, by the clock of this machine: not even
  /// a moment after it was stopped for long.
  virtual bool holds() const { return true; }

  /// The time by the clock of its server when `boot_clock` was zero, since 1970; nothing where it has none.
  virtual std::optional<std::chrono::milliseconds> clock_base() const { return std::nullopt; }
  /// What time it is by that clock, or else by this machine's: ms since 1970.
  std::int64_t time() const;

  /// True when families and roots can be given a time to live.
  virtual bool expires() const { return false; }

  /// How often its server may have lost what it had acknowledged shortly before, as one that was killed does.
  virtual std::uint64_t setbacks() const { return 0; }

  /// Where a driver says whose code runs at this moment. Null where nothing outlives the process, and for who is no
  /// driver. It lives until `close`.
  virtual running_marks* marks() = 0;

  /// Ends the driver's session in good order. Nothing is called after it.
  virtual void close() = 0;

  /// True when `commit` takes no I/O: it is then called on the caller's thread.
  virtual bool immediate() const = 0;

  /// The URL without secrets, for messages.
  virtual std::string describe() const = 0;

  /// What was found when it was opened; nothing where all is as everybody expects.
  virtual std::optional<store_remark> remark() const { return std::nullopt; }
};

/// Opens the store that a URL names: `memory:`, `sqlite:PATH[?synchronous=normal|full&busy_timeout=MS]`, a
/// Redis (see redis_settings.hpp), or any of them behind `fault+` (see fault_store.hpp). `holder` is told to others who
/// want to drive it. Throws `error`: `bad_url`, or what opening the store throws.
std::unique_ptr<store> open_store(std::string_view url, open_mode mode, std::string_view holder,
                                  const session_options& session = {});

/// What a URL says of a store, which is neither opened nor looked for.
struct store_summary {
  std::string text;     ///< the URL without secrets and options
  bool shared = false;  ///< true: several runtimes may drive it at a time
};

/// Throws `error` (`bad_url`).
store_summary summarize_store(std::string_view url);

}  // namespace banyan::detail
