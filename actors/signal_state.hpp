#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <banyan/detail/activation.hpp>
#include <banyan/key.hpp>

#include "messages/family.hpp"

namespace banyan::detail {

/// What was sent to this future, as far as this run has looked.
struct signal_inbox {
  std::vector<family_id> logs;  ///< that are read one after the other; the last is its own
  std::size_t log = 0;
  std::uint64_t next = first_signal_number;
  bool troubled = false;                     ///< the store could not be read at the last look
  std::set<std::string, std::less<>> known;  ///< by their ids: here or taken
  std::map<std::string, std::deque<received_signal>, std::less<>> waiting;
};

/// What this run of the function has sent.
struct signal_sender {
  std::string who;            ///< empty: it has not sent anything
  std::uint64_t part = 0;     ///< as in `checkpoint_record`
  bool in_part = false;       ///< it has sent something in this part
  std::uint64_t number = 0;   ///< that was next at the last sending
  std::uint64_t count = 0;    ///< of sendings at that number
  std::uint64_t in_step = 0;  ///< of sendings in the step that runs
};

}  // namespace banyan::detail
