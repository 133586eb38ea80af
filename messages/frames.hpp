#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/detail/outcome.hpp>
#include <banyan/key.hpp>
#include <banyan/options.hpp>

/// What nodes say to each other: docs/internals/cluster.md. As with the messages to a future, each may come late, twice
/// or not at all; the record is the truth.
namespace banyan::detail {

/// A child whose parent is at the sender is to run at the receiver.
struct place_frame {
  key child;
  key parent;
  std::uint32_t attempt = 1;  ///< of the parent, which the child belongs to
  std::uint32_t level = 1;    ///< of the child
  family_id root;             ///< of the tree
  banyan::keep keep = keep::all;
  std::int32_t priority = 0;        ///< the parent's
  std::vector<std::string> queues;  ///< in which those above the child have places, or may get some
  std::int64_t age = 0;             ///< ms since it was to start, by the sender's clock
  bool again = false;               ///< it may have run before: its record is to be read
  bytes spec;                       ///< as it is recorded
};

/// Whoever runs this child is to tell the sender from now on. A `round` other than 0: it asks by a detour, and an
/// answer counts until a connection is there again.
struct attach_frame {
  key child;
  std::uint64_t round = 0;
};
/// The answers to it: it runs here, or it does not. The latter also to a `place_frame` that is refused.
struct here_frame {
  key child;
};
struct absent_frame {
  key child;
  std::uint64_t round = 0;  ///< of the question
};

/// A child has a durable result.
struct done_frame {
  key child;
  outcome_ptr result;
  bool settled = false;
  double calculated = 0;
  double weight = 0;
};
/// The same without the result, which the receiver finds in the record.
struct recorded_frame {
  key child;
  bool settled = false;
};
struct settled_frame {
  key child;
};
struct progress_frame {
  key child;
  double calculated = 0;
  double weight = 0;
};

/// Something at a child, or below it, waits for a place in a queue in which one above the child may have one: it is to
/// be lent. Or nothing does any more.
struct wish_frame {
  key child;
  std::string queue;
  bool waits = true;
};
/// One above the child is in this critical section: what waits for it there, and below, waits for itself.
struct refuse_frame {
  key child;
  std::string queue;
};

/// A child that runs at the receiver is to stop.
struct stop_frame {
  key child;
  error_info why;
};

/// A future is cancelled: what the receiver has of it and below it is to stop before it answers. So it asks those who
/// run something for it.
struct halt_frame {
  std::uint64_t wave = 0;
  key future;
  error_info why;
};
struct halted_frame {
  std::uint64_t wave = 0;
  key future;
};

/// A future's record was changed from outside; it may run at the receiver.
struct noticed_frame {
  key future;
};

/// The receiver drives a root now that the sender drove.
struct drive_frame {
  family_id root;
};

/// How much there is to do at the sender.
struct load_frame {
  std::uint64_t queued = 0;   ///< futures that wait for room
  std::uint64_t running = 0;  ///< futures that hold room
};

/// The sender has nothing to do and takes up to so many futures.
struct want_frame {
  std::uint32_t count = 0;
};

using frame = std::variant<place_frame, attach_frame, here_frame, absent_frame, done_frame, settled_frame,
                           progress_frame, stop_frame, noticed_frame, load_frame, want_frame, drive_frame, halt_frame,
                           halted_frame, recorded_frame, wish_frame, refuse_frame>;

void append_frame(bytes& to, const frame& f);

/// All frames of a batch. Throws `error` (`bad_payload`) for what is none, and never reads outside of it.
std::vector<frame> read_frames(std::string_view batch);

}  // namespace banyan::detail
