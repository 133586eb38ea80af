#pragma once

#include <string>
#include <vector>

#include <banyan/runtime.hpp>

#include "nodes/given_settings.hpp"

namespace banyan::detail {

/// Something in the options that does not go together.
struct option_problem {
  std::string key;    ///< "heartbeat"
  std::string what;   ///< "is at most a third of the lease"
  std::string other;  ///< the key that it has to fit; empty: none
};

/// What keeps these options from being those of a node; where `node.listen` is empty, of a runtime that is none. Empty
/// where all is well.
/// Looks at the options only: no file is read and no name is looked up.
std::vector<option_problem> check_node_options(const runtime_options& opts);

/// The same of the files for TLS, where all three are named: they have to be readable, PEM, and to fit each other.
std::vector<option_problem> check_tls_files(const node_options& node);

/// Both.
std::vector<option_problem> find_problems(const runtime_options& opts);

/// In a sentence, with the place that the value comes from.
std::string problem_text(const option_problem& p, const given_settings& given);

}  // namespace banyan::detail
