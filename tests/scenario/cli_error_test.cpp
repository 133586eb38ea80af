#include <fstream>

#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

/// An error is one line that names the program, and exit code 3.
void expect_error(const program_end& end, const std::string& what) {
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(end.err, HasSubstr(what));
  EXPECT_EQ(end.err.rfind("banyan: ", 0), 0u);
  EXPECT_EQ(std::ranges::count(end.err, '\n'), 1) << end.err;
}

TEST_P(Cli, HelpIsNoError) {
  const program_end end = banyan_without_store({"--help"});
  EXPECT_EQ(end.code, 0);
  for (const char* command :
       {"ls", "show", "tree", "watch", "result", "cancel", "set", "fail", "gc", "submit", "nodes", "drain"}) {
    EXPECT_THAT(end.out, HasSubstr(std::string("\n  ") + command + " "));
    EXPECT_EQ(banyan_without_store({command, "--help"}).code, 0);
  }
  EXPECT_THAT(banyan_without_store({"tree", "--help"}).out, HasSubstr("--depth"));
  EXPECT_THAT(banyan_without_store({"--version"}).out, HasSubstr("banyan "));
}

TEST_P(Cli, MistakesOnTheCommandLineAreErrors) {
  expect_error(banyan({}), "no command was given; see banyan --help");
  expect_error(banyan({"frobnicate"}), "unknown command or option 'frobnicate'; see banyan --help");
  expect_error(banyan({"--frobnicate"}), "unknown command or option '--frobnicate'; see banyan --help");
  expect_error(banyan({"ls", "--frobnicate"}), "--frobnicate; see banyan ls --help");
  expect_error(banyan({"show"}), "KEY is required; see banyan show --help");
  expect_error(banyan({"set", live_.str()}), "JSON is required");
  expect_error(banyan({"tree", live_.str(), "--depth", "-1"}),
               "--depth takes a whole number that is not negative, not '-1'; see banyan tree --help");
  expect_error(banyan({"tree", live_.str(), "--depth", "far"}), "see banyan tree --help");
  expect_error(banyan({"ls", "--status", "lost"}), "there is no status 'lost'");
  expect_error(banyan({"submit", ""}), "a function has a name; see banyan submit --help");
  expect_error(banyan({"submit", "f", "--queue-key", "k", "--queue", std::string(1025, 'q')}),
               "a queue's name has at most 1024 bytes, not 1025");
  expect_error(banyan({"submit", "f", "--id", std::string(1025, 'i')}), "--id has at most 1024 bytes");
  expect_error(banyan({"send", live_.str(), std::string(1025, 's'), "1"}), "a signal's name has at most 1024 bytes");
  for (const char* option : {"--id", "--name", "--queue", "--queue-key", "--placement"}) {
    expect_error(banyan({"submit", "f", option, ""}), std::string(option) + ": it is empty");
  }
  expect_error(banyan({"ls", "--status", ""}), "--status: it is empty");
  expect_error(banyan({"gc", "--older-than", ""}), "--older-than: it is empty");
  expect_error(banyan({"gc", "--older-than", "7x"}), "malformed duration '7x'");
  expect_error(banyan({"gc", "--older-than", "99999999999999w"}), "malformed duration");
  expect_error(banyan_without_store({"ls"}, {"BANYAN_STORE="}), "which store? write --store URL");
}

TEST_P(Cli, AMalformedKeyIsAnError) {
  expect_error(banyan({"show", "abc"}), "malformed key 'abc'");
  expect_error(banyan({"show", "\x1b[2J"}), "malformed key '\\x1b[2J'");
  expect_error(banyan({"cancel", live_.str() + "x"}), "what follows the dot is not a number");
  expect_error(banyan({"show", std::string(500, 'A')}), "malformed key");
}

TEST_P(Cli, AnUnknownKeyIsAnError) {
  const std::string unknown = "00000000000000000000000000.7";
  for (const char* command : {"show", "tree", "watch", "result", "cancel"}) {
    expect_error(banyan({command, unknown}),
                 "no future " + unknown + " in " + (GetParam() == "sqlite" ? "sqlite:" : "redis+unix:"));
  }
  expect_error(banyan({"set", unknown, "1"}), "no future " + unknown);
  expect_error(banyan({"show", "ZZZZZZ"}), "no root whose key begins with 'ZZZZZZ'");
}

TEST_P(Cli, ABeginningOfSeveralKeysIsAnError) {
  const key similar{{live_.family.hi, live_.family.lo ^ 1}, 0};
  tree_.put(detail::write::what::add_root, similar, {}, 5);
  expect_error(banyan({"show", live_.str().substr(0, 10)}), "2 roots begin with '" + live_.str().substr(0, 10) + "'");
}

TEST_P(Cli, AStoreThatIsNotThereIsAnErrorAndIsNotMade) {
  const std::string path = file("missing.db");
  expect_error(banyan_without_store({"--store", "sqlite:" + path, "ls"}), "sqlite:" + path + ": there is no such file");
  expect_error(banyan_without_store({"--store", "sqlite:" + path, "gc"}), "there is no such file");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_P(Cli, AFileThatIsNoStoreIsAnError) {
  const std::string path = file("notes.txt");
  std::ofstream(path) << std::string(4096, 'x');
  expect_error(banyan_without_store({"--store", "sqlite:" + path, "ls"}), "not an SQLite database");
  expect_error(banyan_without_store({"--store", "sqlite:" + path, "cancel", live_.str()}), "not an SQLite database");
}

TEST_P(Cli, AStoreThatOthersCannotSeeIsAnError) {
  expect_error(banyan_without_store({"--store", "memory:", "ls"}), "memory: lives in the process that drives it");
}

TEST_P(Cli, AMalformedUrlIsAnError) {
  expect_error(banyan_without_store({"--store", "carrier-pigeon:loft", "ls"}), "unknown scheme");
  expect_error(banyan_without_store({"--store", "jobs.db", "ls"}), "URL");
}

TEST_P(Cli, ADamagedRecordIsAnErrorWhereItIsNeeded) {
  tree_.put(detail::write::what::result, live_, "garbage");
  expect_error(banyan({"result", live_.str()}), "corrupt result record");
  expect_error(banyan({"watch", live_.str()}), "corrupt result record");
  expect_error(banyan({"cancel", live_.str()}), "corrupt result record");
  EXPECT_THAT(banyan({"show", live_.str()}).out, HasSubstr("corrupt result record"));
  EXPECT_EQ(banyan({"tree", live_.str()}).code, 0);
}

}  // namespace
}  // namespace banyan::test
