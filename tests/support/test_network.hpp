#pragma once

#include <map>
#include <string>
#include <vector>

namespace banyan::test {

/// Machines of a test's own: network namespaces on one bridge. They go with this object.
class test_network {
 public:
  /// True where this process may make such things.
  static bool available();

  explicit test_network(const std::vector<std::string>& machines);
  ~test_network();
  test_network(const test_network&) = delete;
  test_network& operator=(const test_network&) = delete;

  /// The test's own address, at which the machines reach it.
  std::string here() const { return prefix_ + "1"; }
  std::string address(const std::string& machine) const { return prefix_ + std::to_string(numbers_.at(machine)); }
  /// A command as it is run on a machine.
  std::vector<std::string> on(const std::string& machine, std::vector<std::string> command) const;
  /// What a machine sends to an address goes nowhere, until it is healed.
  void cut(const std::string& from, const std::string& to_address) const;
  void heal(const std::string& from, const std::string& to_address) const;

 private:
  void make(const std::vector<std::string>& machines);
  void wait_until_up() const;
  void remove() const;
  std::string space(const std::string& machine) const { return name_ + machine; }
  std::string cable(const std::string& machine) const { return name_ + "v" + machine; }

  std::string name_;
  std::string prefix_;
  std::map<std::string, int> numbers_;
};

}  // namespace banyan::test
