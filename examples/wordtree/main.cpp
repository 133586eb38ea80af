#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <banyan/banyan.hpp>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/arguments.hpp"
#include "examples/wordtree/interrupt.hpp"
#include "examples/wordtree/job.hpp"
#include "examples/wordtree/live_view.hpp"
#include "examples/wordtree/report.hpp"
#include "examples/wordtree/screen.hpp"
#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr int job_failed = 1;
constexpr int signal_exit = 128;
constexpr std::uint64_t least_top = 1000;
constexpr std::size_t max_payload = 512u << 20;  // a word list, or an inventory, of a very large tree
constexpr auto time_to_settle = std::chrono::minutes(1);

/// The most frequent words that the record holds: enough for all usual wishes, so that these share one job.
std::uint64_t recorded_top(const arguments& args) { return std::max(args.top, least_top); }

/// What makes two calls the same job.
std::string job_id(const arguments& args) {
  std::string id = "wordtree:" + args.path;
  if (const auto top = recorded_top(args); top != least_top) id = "wordtree/" + std::to_string(top) + ":" + args.path;
  return id;
}

std::optional<banyan::root_info> find_root(banyan::runtime& rt, const banyan::key& key) {
  for (banyan::root_info& root : rt.roots()) {
    if (root.key == key) return std::move(root);
  }
  return std::nullopt;
}

/// Forgets an earlier run, which may be at work.
void forget(banyan::runtime& rt, const banyan::key& key) {
  const auto deadline = clock::now() + time_to_settle;
  if (const auto root = find_root(rt, key); root && !root->settled) rt.find_handle(key).cancel();
  while (true) {
    try {
      return rt.forget(key);
    } catch (const banyan::error& e) {
      if (e.code() == banyan::errc::not_found) return;
      if (e.code() != banyan::errc::invalid_argument || clock::now() > deadline) throw;
      std::this_thread::sleep_for(milliseconds(10));  // it is not settled yet
    }
  }
}

/// Starts the job or goes on with it, and says which.
banyan::future<summary> start(banyan::runtime& rt, const arguments& args, screen& out) {
  const std::string id = job_id(args);
  const banyan::key key = banyan::runtime::key_of(id);
  if (const auto root = find_root(rt, key)) {
    if (args.fresh) {
      forget(rt, key);
    } else if (root->status == banyan::status::success) {
      out.print({"counted before: this is what the record says; --fresh counts again"});
      return rt.find<summary>(key);
    } else if (banyan::is_final(root->status)) {
      const bool failed = root->status == banyan::status::failure;
      out.print({std::string("the run before ") + (failed ? "failed" : "was cancelled") + "; starting anew"});
      forget(rt, key);
    } else {
      out.print({"resuming at " + format_percent(root->progress.fraction())});
      return rt.find<summary>(key);
    }
  }
  return rt.spawn(banyan::options{.id = id, .keep = banyan::keep::none}, count_tree, args.path, recorded_top(args));
}

banyan::runtime_options runtime_settings(const arguments& args) {
  banyan::runtime_options opts;
  opts.store = args.store_url();
  opts.name = "wordtree";
  opts.threads = args.threads;
  opts.limits.max_payload = max_payload;
  opts.log = [](banyan::log_level level, std::string_view line) {
    if (level >= banyan::log_level::warning) activity::here().note(printable(line));
  };
  return opts;
}

/// A store below the path grows while it is counted.
void warn_of_own_store(const arguments& args, screen& out) {
  constexpr std::string_view scheme = "sqlite:";
  if (args.store.rfind(scheme, 0) != 0) return;
  std::error_code error;
  const std::string file = args.store.substr(scheme.size(), args.store.find('?') - scheme.size());
  const std::string whole = std::filesystem::weakly_canonical(file, error).native();
  const std::string below = args.path.back() == '/' ? args.path : args.path + '/';
  if (error || whole.compare(0, below.size(), below) != 0) return;
  out.print({"the store " + printable(whole) + " is itself among what is counted; --store puts it elsewhere"});
}

int stop(banyan::runtime& rt, const banyan::future<summary>& job, screen& out) {
  const std::string percent = format_percent(job.progress().fraction());
  rt.shutdown();
  out.print({"interrupted at " + percent + "; run the same command again to go on"});
  return signal_exit + interrupted_by();
}

int run(const arguments& args, screen& out) {
  const auto begin = clock::now();
  banyan::runtime rt(runtime_settings(args));
  warn_of_own_store(args, out);
  activity::here().watch(args.path);
  const banyan::future<summary> job = start(rt, args, out);
  live_view view(rt, job, args.path, out);
  while (!job.wait_for(milliseconds(50))) {
    if (interrupted_by()) return stop(rt, job, out);
    view.update();
  }
  report result{job.key().str(), job.get(), 0};
  out.clear();
  rt.shutdown();
  out.print(activity::here().take_reports());
  result.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  std::cout << (args.json ? as_json(result, args) + '\n' : as_text(result, args)) << std::flush;
  return std::cout.good() ? 0 : job_failed;
}

}  // namespace
}  // namespace wordtree

int main(int argc, char** argv) {
  wordtree::arguments args;
  if (const auto exit_code = wordtree::read_arguments(argc, argv, args)) return *exit_code;
  wordtree::catch_interrupts();
  wordtree::screen out;
  try {
    return wordtree::run(args, out);
  } catch (const banyan::error& e) {
    out.print(wordtree::activity::here().take_reports());
    out.print({wordtree::printable(e.what())});
    if (e.code() == banyan::errc::nondeterminism) out.print({"start anew with --fresh"});
  } catch (const std::exception& e) {
    out.print({wordtree::printable(e.what())});
  }
  return 1;
}
