#pragma once

#include <optional>
#include <string>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace banyan::tools {

/// What `submit` takes on the command line. It outlives the parsing.
class submit_options {
 public:
  void add_to(CLI::App& submit);
  /// After the parsing. Throws `error` (`invalid_argument`).
  void finish(request& r) const;

 private:
  CLI::App* parser_ = nullptr;
  std::string function_;
  std::string store_;
  std::string id_;
  std::string name_;
  std::string placement_;
  std::string queue_;
  std::string queue_key_;
  std::optional<int> priority_;
  bool wait_ = false;
};

}  // namespace banyan::tools
