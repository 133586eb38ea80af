#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace wordtree {

/// What the command line asks for.
struct arguments {
  std::string path;  ///< absolute, without symbolic links
  std::string store = "sqlite:wordtree.db";
  bool json = false;
  bool fresh = false;
  std::uint64_t top = 10;
  unsigned threads = 0;           ///< 0: one a core
  std::uint64_t crash_after = 0;  ///< 0: never

  /// The store's URL, with the crash that was asked for.
  std::string store_url() const;
};

/// Reads the command line. An exit code if the program ends here: help was asked for, or the usage was bad and has been
/// told on stderr.
std::optional<int> read_arguments(int argc, char** argv, arguments& args);

}  // namespace wordtree
