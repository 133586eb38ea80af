#pragma once

namespace wordtree {

/// From now on SIGINT, SIGTERM and SIGHUP are remembered, each once: the second one kills the process.
void catch_interrupts();

/// The signal that was caught; 0: none.
int interrupted_by();

/// While a picture is on the terminal a second interrupt shows the cursor again.
void restore_cursor_when_killed(bool on);

}  // namespace wordtree
