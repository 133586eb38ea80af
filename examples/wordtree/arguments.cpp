#include "examples/wordtree/arguments.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <system_error>

#include "examples/wordtree/files.hpp"
#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

constexpr int bad_usage = 2;

constexpr std::string_view about =
    "Counts the words in a file, or in all files below a directory, as a durable tree of futures.\n"
    "A word is a maximal run of A-Z, a-z, 0-9 and _. Symbolic links below PATH are not followed. What cannot be read "
    "is\n"
    "reported on stderr and counted as skipped.\n"
    "Run again, it goes on where it was interrupted, or answers from the record if it had finished.";

constexpr std::string_view about_json =
    "--json prints one object on the last line of stdout:\n"
    "  key              the job's key in the store\n"
    "  path             absolute; bytes that are no UTF-8 are replaced by U+FFFD\n"
    "  files, skipped   files that were counted, and files and directories that could not be read\n"
    "  bytes, words     of the files that were counted\n"
    "  distinct         different words\n"
    "  top              [[word, count], ...]: the most frequent first, equally frequent ones by their bytes\n"
    "  futures          all futures of the job\n"
    "  resumed_futures  those among them whose results were in the store already and that this run did not run\n"
    "  seconds          that this run took\n"
    "\n"
    "Exit code: 0 the words are counted, 1 the job failed or was cancelled, 2 bad usage, 130 interrupted.";

void declare(CLI::App& app, arguments& args) {
  app.footer(std::string(about_json));
  app.add_option("PATH", args.path, "A file or a directory")->required();
  app.add_option("--store", args.store, "Where the work is recorded")->type_name("URL")->capture_default_str();
  app.add_flag("--json", args.json, "Print the result as one line of JSON");
  app.add_flag("--fresh", args.fresh, "Forget what was counted before and start anew");
  app.add_option("--top", args.top, "How many of the most frequent words to show; above 1000 it is a job of its own")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--threads", args.threads, "Threads that count; by default one a core")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  app.add_option("--crash-after", args.crash_after, "Kill this process at the Nth commit to the store, for tests")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
}

std::optional<int> complain(std::string_view what) {
  std::cerr << "wordtree: " << what << '\n';
  return bad_usage;
}

/// Makes the path absolute and sees that there is something to count.
std::optional<int> resolve(std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::canonical(path, error);
  if (error) return complain(printable(path) + ": " + error.message());
  try {
    const file_kind kind = look_at(whole.native()).kind;
    if (kind == file_kind::other) return complain(printable(path) + ": neither a directory nor a regular file");
  } catch (const file_error& e) {
    return complain(printable(path) + ": " + e.what());
  }
  path = whole.native();
  return std::nullopt;
}

}  // namespace

std::string arguments::store_url() const {
  if (crash_after == 0) return store;
  const char join = store.find('?') == std::string::npos ? '?' : '&';
  return "fault+" + store + join + "crash_after=" + std::to_string(crash_after);
}

std::optional<int> read_arguments(int argc, char** argv, arguments& args) {
  CLI::App app{std::string(about), "wordtree"};
  declare(app, args);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return complain(std::string(e.what()) + " (wordtree --help says more)");
  }
  return resolve(args.path);
}

}  // namespace wordtree
