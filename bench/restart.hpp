#pragma once

#include <cstddef>
#include <string>

namespace bench {

struct restart_figures {
  double undisturbed = 0;  ///< seconds for the whole tree, from the start of the process
  double before = 0;       ///< seconds until the process was killed, when half of the futures had begun
  double until_again = 0;  ///< seconds from the start of the next process until it began a future
  double after = 0;        ///< seconds from the start of the next process to its end
  std::size_t twice = 0;   ///< futures that were begun again, of those that had begun
};

/// Runs a tree of fan-out 10 in a process of its own, then another that is killed by SIGKILL at half and goes on in a
/// second process. Call it while there are no other threads. Throws `std::runtime_error`.
restart_figures measure_restart(const std::string& store, unsigned depth, unsigned threads);

}  // namespace bench
