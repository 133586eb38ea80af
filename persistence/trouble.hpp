#pragma once

#include <banyan/error.hpp>

namespace banyan::detail {

/// Trouble of a store that may end by itself.
inline bool may_pass(errc code) {
  return code == errc::store_unavailable || code == errc::store_full || code == errc::store_busy;
}

/// The same, or somebody may end it while it is open.
inline bool may_be_mended(errc code) {
  return may_pass(code) || code == errc::store_denied || code == errc::store_read_only;
}

}  // namespace banyan::detail
