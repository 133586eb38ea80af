#include <gmock/gmock.h>

#include <csignal>
#include <fstream>

#include "messages/family.hpp"
#include "persistence/store.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/tree_builder.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Node : public testing::Test {
 protected:
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {BANYAN_PROGRAM, "node"});
    return arguments;
  }
  static program_end node(std::vector<std::string> arguments, const std::vector<std::string>& environment = {}) {
    return run_program(command(std::move(arguments)), environment);
  }

  std::string write_file(const std::string& text) const {
    std::ofstream(file("node.conf")) << text;
    return file("node.conf");
  }
  std::string file(const char* name) const { return (dir_.path() / name).string(); }

  /// Exit code 3, nothing on standard output, and lines that begin with the program's name.
  static void expect_error(const program_end& end, const std::string& what) {
    EXPECT_EQ(end.code, 3);
    EXPECT_EQ(end.out, "");
    EXPECT_THAT(end.err, AllOf(testing::StartsWith("banyan: "), HasSubstr(what)));
  }

  /// A root that a node finds in its store.
  key leave_root(const detail::spec_record& call) const {
    const auto driver = detail::open_store(store_, detail::open_mode::drive, "a test");
    const key root = tree_builder(*driver).root("left by a test", call);
    driver->close();
    return root;
  }

  const scratch_directory dir_;
  const std::string store_ = "sqlite:" + file("jobs.db");
};

TEST_F(Node, ComesUpAndStopsInGoodOrderAtASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    piped_program p(command({"--name", "n1", "--store", store_, "--load", JOBS_LIBRARY}));
    ASSERT_TRUE(p.wait_for("node n1 listens nowhere, 4 functions, store " + store_ + "\n"));
    p.send(signal);
    const program_end end = p.wait();
    EXPECT_EQ(end.code, 0);
    EXPECT_EQ(end.err, "");
  }
}

TEST_F(Node, RunsFunctionsOfTheLibrariesThatItLoads) {
  detail::spec_record call = call_of("greet");
  call.arguments = detail::encode(std::vector<std::string>{"Anna"});
  const key greeting = leave_root(call);
  piped_program p(command({"--store", store_, "--load", JOBS_LIBRARY}));
  ASSERT_TRUE(p.wait_for("listens nowhere"));
  EXPECT_EQ(run_program({BANYAN_PROGRAM, "--store", store_, "watch", greeting.str()}).code, 0);
  EXPECT_EQ(run_program({BANYAN_PROGRAM, "--store", store_, "result", greeting.str()}).out, "\"Hello, Anna!\"\n");
}

TEST_F(Node, GoesOnWithTheVersionThatAFutureBeganWith) {
  const auto banyan = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {BANYAN_PROGRAM, "--store", store_});
    return run_program(arguments);
  };
  const auto begin = [&] {
    const std::string root = banyan({"submit", "order"}).out;
    return key::parse(root.substr(0, root.size() - 1));
  };
  const auto promise_of = [](const key& root) { return key{detail::child_family(root, 1), 0}.str(); };
  const auto waits = [&](const key& root) {
    return wait_until([&] { return banyan({"show", promise_of(root)}).code == 0; });
  };
  const auto pay = [&](const key& root) {
    EXPECT_EQ(banyan({"set", promise_of(root), "1"}).code, 0);
    EXPECT_EQ(banyan({"watch", root.str()}).code, 0);
    return banyan({"result", root.str()}).out;
  };
  key first;
  key second;
  {
    piped_program p(command({"--store", store_, "--load", FIRST_ORDER_LIBRARY}));
    ASSERT_TRUE(p.wait_for("listens nowhere, 1 function"));
    first = begin();
    ASSERT_TRUE(waits(first));
    p.send(SIGKILL);
    EXPECT_EQ(p.wait().code, 128 + SIGKILL);
  }
  {
    piped_program p(command({"--store", store_, "--load", SECOND_ORDER_LIBRARY}));
    ASSERT_TRUE(p.wait_for("listens nowhere, 1 function"));
    second = begin();
    ASSERT_TRUE(waits(second));
    EXPECT_EQ(pay(first), "\"version 1\"\n");
    p.send(SIGKILL);
    EXPECT_EQ(p.wait().code, 128 + SIGKILL);
  }
  {
    piped_program p(command({"--store", store_, "--load", FIRST_ORDER_LIBRARY}));
    ASSERT_TRUE(p.wait_for("listens nowhere"));
    const std::string why = "no function 'order (version 2)', only version 1";
    EXPECT_TRUE(wait_until([&] { return banyan({"show", second.str()}).out.find(why) != std::string::npos; }));
    p.send(SIGTERM);
    EXPECT_EQ(p.wait().code, 0);
  }
  piped_program p(command({"--store", store_, "--load", SECOND_ORDER_LIBRARY, "--load", FIRST_ORDER_LIBRARY}));
  ASSERT_TRUE(p.wait_for("listens nowhere, 2 functions"));
  EXPECT_EQ(pay(second), "\"version 2\"\n");
}

TEST_F(Node, EndsAtOnceAtASecondSignal) {
  leave_root(call_of("stubborn"));
  piped_program p(command({"--store", store_, "--load", STUBBORN_LIBRARY}));
  ASSERT_TRUE(p.wait_for("it runs"));
  p.send(SIGTERM);
  ASSERT_TRUE(p.wait_for("it goes on"));
  p.send(SIGINT);
  EXPECT_EQ(p.wait().code, 128 + SIGINT);
}

TEST_F(Node, ChecksItsConfigurationWithoutRunning) {
  const std::string config = write_file(
      "[banyan]\nname = \"n1\"\nstore = \"redis://me:secret@127.0.0.1:1/3\"\n"
      "listen = \"127.0.0.1:4711\"\nroles = [\"gpu\", \"big\"]\n");
  const program_end end =
      node({"--config", config, "--check-config", "--load", JOBS_LIBRARY, "--grace=5s"}, {"BANYAN_LEASE=9s"});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(end.out, AllOf(HasSubstr("name = \"n1\"  ; configuration file " + config + ", line 2\n"),
                             HasSubstr("store = \"redis://127.0.0.1:1/3\"  ;"), HasSubstr("roles = [\"gpu\", \"big\"]"),
                             HasSubstr("grace = 5s  ; the option --grace\n"),
                             HasSubstr("lease = 9s  ; the environment variable BANYAN_LEASE\n"),
                             HasSubstr("heartbeat = 1s  ; the default\n"),
                             HasSubstr("functions: count_primes fib greet primes\n"), Not(HasSubstr("secret"))));
}

TEST_F(Node, TakesTheCommandLineBeforeTheEnvironmentBeforeTheFile) {
  const std::string config = write_file("[banyan]\nname=\"file\"\nthreads=1\nretention=1h\n");
  const program_end end =
      node({"--config=" + config, "--check-config", "--name", "line"}, {"BANYAN_NAME=variable", "BANYAN_THREADS=2"});
  EXPECT_THAT(end.out, AllOf(HasSubstr("name = \"line\"  ; the option --name\n"),
                             HasSubstr("threads = 2  ; the environment variable BANYAN_THREADS\n"),
                             HasSubstr("retention = 1h  ; configuration file")));
}

TEST_F(Node, SaysWhereItsConfigurationIsWrong) {
  const std::string config = write_file("[banyan]\n\nthreads = \"many\"\n");
  expect_error(node({"--check-config", "--config", config}), config + ", line 3: banyan.threads takes a whole number");
  expect_error(node({"--config", file("none.conf")}), "none.conf: cannot be opened");
  expect_error(node({"--check-config"}, {"BANYAN_THREADS=many"}), "variable BANYAN_THREADS takes a whole number");
  expect_error(node({"--threads", "many"}), "the option --threads takes a whole number from 1 to 4096, not 'many'");
  expect_error(node({"--check-config", "--store", "jobs.db"}), "bad store URL");
}

TEST_F(Node, SaysAllThatKeepsItFromBeingANode) {
  const std::string config = write_file("[banyan]\nlisten = \"10.0.0.1:4711\"\nheartbeat = 4s\n");
  const program_end end = node({"--check-config", "--config", config});
  expect_error(end, "line 2: banyan.listen is an address that other machines reach");
  EXPECT_THAT(end.err, AllOf(HasSubstr("line 2: banyan.name is missing"), HasSubstr("line 3: banyan.heartbeat is 4s"),
                             HasSubstr("line 2: banyan.store has to be a Redis")));
}

TEST_F(Node, SaysWhatIsWrongWithItsCommandLine) {
  expect_error(node({"--frobnicate"}), "unknown argument '--frobnicate'; see --help");
  expect_error(node({"node.conf"}), "unknown argument 'node.conf'");
  expect_error(node({"--config"}), "--config takes a FILE");
  expect_error(node({"--name", "a", "--name", "b"}), "--name is given twice");
  expect_error(node({"--check-config=yes"}), "--check-config takes no value");
  expect_error(run_program({BANYAN_PROGRAM, "--store", store_, "node"}), "node comes first");
}

TEST_F(Node, WarnsOfAVariableThatLooksMistyped) {
  const program_end end = node({"--check-config"}, {"BANYAN_THREDS=3", "BANYAN_PORT_4711_TCP=x"});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.err, "banyan: the environment variable BANYAN_THREDS is none of ours; is BANYAN_THREADS meant?\n");
}

TEST_F(Node, HelpNamesEveryKey) {
  const program_end end = node({"--help"});
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.out, AllOf(HasSubstr("Usage: banyan node"), HasSubstr("--load LIBRARY"), HasSubstr("--tls.ca TEXT"),
                             HasSubstr("--limits.max-payload N"), HasSubstr("--insecure ")));
}

TEST_F(Node, RefusesLibrariesThatAreNoneOrDoNotFit) {
  std::ofstream(file("text.so")) << "no library";
  expect_error(node({"--load", file("none.so")}), "none.so: there is no such file");
  expect_error(node({"--load", file("text.so")}), "cannot load " + file("text.so"));
  expect_error(node({"--load", NOTHING_LIBRARY}), "it registers no function with this program");
  expect_error(node({"--load", OTHER_VERSION_LIBRARY}), "it was built for another version of Banyan than this");
  expect_error(node({"--check-config", "--load", JOBS_LIBRARY, "--load", SAME_NAME_LIBRARY}),
               "two functions are registered as 'greet'");
  EXPECT_EQ(node({"--check-config", "--load", JOBS_LIBRARY, "--load", JOBS_LIBRARY}).code, 0);
}

TEST_F(Node, ExamplesOfAClusterAreFine) {
  for (const char* name : {"node-1", "node-2", "node-3"}) {
    const std::string config = std::string(BANYAN_SOURCE_DIR "/examples/cluster/") + name + ".conf";
    const program_end end = node({"--check-config", "--config", config});
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_THAT(end.out, HasSubstr(std::string("name = \"") + name + "\""));
  }
}

}  // namespace
}  // namespace banyan::test
