#pragma once

#include <string_view>

#include <banyan/key.hpp>
#include <banyan/options.hpp>

#include "messages/record.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

struct submitted {
  banyan::key key;
  bool joined = false;  ///< a root with this id and this call was there already
};

/// Writes a root that a driver is to run: durable on return. Where the store is shared it waits for any driver; else
/// for the one that has it open, or opens it next. Whether the function exists, and whether it takes these arguments (a
/// msgpack array), is for who runs it to say. `s` was opened from outside. Throws `error`: `id_conflict` where the id
/// is taken by another call, and what the store throws. Precondition: the options are those of a root, without a start
/// time.
submitted submit_root(store& s, const options& opts, std::string_view function, const bytes& arguments, millis now);

/// The same of a call that takes over what another root has done; see again.hpp. Returns the new root's key.
key submit_again(store& s, spec_record call, millis now);

}  // namespace banyan::detail
