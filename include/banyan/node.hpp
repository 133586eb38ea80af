#pragma once

namespace banyan {

/// Runs a node until SIGTERM or SIGINT, and is all that a program's `main` has to do: the functions are those that the
/// program and the libraries that it loads register. `argv` is as `main` has it: `--config FILE`, `--load LIBRARY` (as
/// often as needed), `--check-config`, `--help`, and every key of the configuration, as `--store URL` or
/// `--limits.max-payload N`. What the command line says wins over the environment, that over the file, and that over
/// the defaults. Writes a line to standard output when it is ready, and errors to standard error. Throws nothing.
///
/// Returns 0 after a stop in good order, and 3 where it cannot run as it was told to. A second signal while it stops
/// ends the process at once with 128 and the signal's number. Once in a process, on its main thread.
int node_main(int argc, const char* const* argv);

}  // namespace banyan
