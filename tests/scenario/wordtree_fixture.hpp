#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/background_program.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

using word_map = std::map<std::string, std::uint64_t>;

/// Tests of the program over a directory of their own.
class Wordtree : public testing::Test {
 protected:
  Wordtree();

  std::filesystem::path tree() const { return scratch_.path() / "tree"; }
  void write(const std::filesystem::path& name, const std::string& content) const;
  /// Files of all kinds that are hard on who counts them, some 10 MB.
  void make_hostile_tree() const;
  /// Takes long to read but no room, and holds no word; with 0 bytes it takes no time any more.
  void set_long_file(std::uint64_t bytes) const;

  std::vector<std::string> command(std::vector<std::string> arguments) const;
  program_end run(std::vector<std::string> arguments) const { return run_program(command(std::move(arguments))); }
  /// Runs to success and returns what `--json` prints, with all words.
  nlohmann::json count(std::vector<std::string> arguments = {}) const;

  /// What find, grep, sort and uniq say.
  word_map words_by_grep() const;
  /// Expects that `counted` says the same as find and grep.
  void expect_equal_to_grep(const nlohmann::json& counted) const;

  scratch_directory scratch_;
  std::string store_ = "sqlite:" + (scratch_.path() / "store.db").string();
};

nlohmann::json last_line(const std::string& out);
word_map words_in(const nlohmann::json& counted);

}  // namespace banyan::test
