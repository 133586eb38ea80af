#pragma once

#include <functional>
#include <string>

namespace banyan::test {

/// Runs `body` in a child process and returns what it returns, or "killed by signal 9" and the like. What it throws
/// comes back as "threw " and the message. Call it while the test has no other threads.
std::string in_child(const std::function<std::string()>& body);

/// The same, without the rights of a superuser, whom files' permissions do not bind.
std::string in_child_without_rights(const std::function<std::string()>& body);

}  // namespace banyan::test
