// The word count without futures: the same counting code in a plain loop of threads over a list of files, each with a
// table of its own. What wordtree takes more than this is what durability and the tree cost.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "examples/wordtree/count.hpp"
#include "examples/wordtree/files.hpp"
#include "examples/wordtree/merge.hpp"
#include "examples/wordtree/word_list.hpp"

namespace {

using namespace wordtree;

void skip(const std::string& path, const std::string& why) { std::cerr << "skipped " + path + ": " + why + '\n'; }

void list_files(const std::string& path, std::vector<std::string>& files) {
  try {
    for (const found_file& f : list_directory(path, skip)) {
      if (f.kind == file_kind::directory) list_files(path + '/' + f.name, files);
      if (f.kind == file_kind::file) files.push_back(path + '/' + f.name);
    }
  } catch (const file_error& e) {
    skip(path, e.what());
  }
}

struct worker {
  word_counter counter;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;

  void count(const std::vector<std::string>& paths, std::atomic<std::size_t>& next) {
    // Relaxed: the number is all that the threads share while they run.
    for (std::size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < paths.size();) {
      try {
        bytes += count_words(paths[i], {}, counter);
        ++files;
      } catch (const file_error& e) {
        skip(paths[i], e.what());
      }
    }
  }
};

list_summary merge(const std::vector<worker>& workers) {
  std::vector<std::string> lists;
  for (const worker& w : workers) lists.push_back(w.counter.packed());
  return summarize(merge_lists({lists.begin(), lists.end()}), 1000);
}

double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: wordcount_plain PATH [THREADS]\n";
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::string> files;
  list_files(argv[1], files);
  std::vector<worker> workers(argc > 2 ? std::max(1, std::atoi(argv[2])) : 2);
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> threads;
    for (worker& w : workers) threads.emplace_back([&w, &files, &next] { w.count(files, next); });
  }
  const list_summary all = merge(workers);
  std::uint64_t bytes = 0;
  std::uint64_t counted = 0;
  for (const worker& w : workers) {
    bytes += w.bytes;
    counted += w.files;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::cout << "{\"files\":" << counted << ",\"bytes\":" << bytes << ",\"words\":" << all.words
            << ",\"distinct\":" << all.distinct << ",\"seconds\":" << seconds
            << ",\"cpu_seconds\":" << seconds_of(used.ru_utime) + seconds_of(used.ru_stime)
            << ",\"resident_bytes\":" << used.ru_maxrss * 1024 << "}\n";
}
