#include "examples/wordtree/job.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/count.hpp"
#include "examples/wordtree/files.hpp"
#include "examples/wordtree/inventory.hpp"
#include "examples/wordtree/measure.hpp"
#include "examples/wordtree/merge.hpp"
#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

banyan::options part(std::string name, std::uint64_t bytes) {
  return {.name = std::move(name), .weight = static_cast<double>(bytes)};
}

/// Counts here and now. What cannot be read comes back as skipped, with the reason.
tally count_now(banyan::context& ctx, const std::string& path, byte_range range) {
  thread_local word_counter counter;
  counter.clear();
  tally counted;
  try {
    counted.bytes = count_words(path, range, counter, [&ctx] { ctx.check_cancelled(); });
    counted.words.data = counter.packed();
  } catch (const file_error& e) {
    counted.skipped = 1;
    counted.why = e.what();
  }
  return counted;
}

/// Waits for the parts and adds them up.
banyan::task<tally> sum(tally all, std::vector<banyan::future<tally>> parts) {
  list_merger merger;
  for (const auto& future : parts) {
    tally part = co_await future;
    all.add(part);
    merger.add(std::move(part.words.data));
  }
  all.words.data = merger.finish();
  co_return all;
}

}  // namespace

/// Counts `bytes` bytes of a file from `begin` on; as its last part all that comes behind them too.
banyan::task<tally> count_range(banyan::context& ctx, std::string path, std::uint64_t begin, std::uint64_t bytes,
                                bool last) {
  if (bytes <= leaf_bytes) co_return count_now(ctx, path, {begin, last ? to_the_end : begin + bytes});
  const std::uint64_t half = bytes / 2;
  std::vector<banyan::future<tally>> halves;
  halves.push_back(ctx.spawn(part("", half), count_range, path, begin, half, false));
  halves.push_back(ctx.spawn(part("", bytes - half), count_range, path, begin + half, bytes - half, last));
  tally nothing;
  co_return co_await sum(std::move(nothing), std::move(halves));
}
BANYAN_FUNCTION(count_range)

banyan::task<tally> count_file(banyan::context& ctx, std::string path, std::uint64_t bytes) {
  std::optional<subtree_visit> visit;
  if (bytes > leaf_bytes) visit.emplace(ctx.key(), path, bytes);
  tally counted = co_await count_range(ctx, path, 0, bytes, true);
  if (counted.skipped) {
    activity::here().skipped(path, counted.why);
    tally nothing;
    nothing.skipped = 1;
    nothing.census = counted.census;
    co_return nothing;
  }
  counted.files = 1;
  co_return counted;
}
BANYAN_FUNCTION(count_file)

banyan::task<tally> count_directory(banyan::context& ctx, std::string path, std::uint64_t bytes, blob inventory) {
  const subtree_visit visit(ctx.key(), path, bytes);
  tally all;
  std::vector<banyan::future<tally>> parts;
  for (const inventory_entry& e : entries_of(inventory.data)) {
    const banyan::options opts = part(printable(e.name), e.bytes);
    const std::string below = path_of(path, e.name);
    if (e.kind == file_kind::unreadable) {
      ++all.skipped;
    } else if (e.kind == file_kind::directory) {
      parts.push_back(ctx.spawn(opts, count_directory, below, e.bytes, blob{std::string(e.inside)}));
    } else {
      parts.push_back(ctx.spawn(opts, count_file, below, e.bytes));
    }
  }
  inventory.data = {};
  co_return co_await sum(std::move(all), std::move(parts));
}
BANYAN_FUNCTION(count_directory)

namespace {

/// What the whole job's path is: a directory or not, and its size if it is a file.
using look_result = std::pair<bool, std::uint64_t>;
look_result look(const std::string& path) {
  const found_file found = look_at(path);
  return {found.kind == file_kind::directory, found.bytes};
}

banyan::task<tally> count_measured(banyan::context& ctx, std::string path) {
  const auto first_pass =
      ctx.spawn(banyan::options{.name = "measure " + printable(path), .weight = 0.0}, measure_directory, path);
  measured found = co_await first_pass;
  const auto second_pass = ctx.spawn(part("count " + printable(path), found.bytes), count_directory, path, found.bytes,
                                     std::move(found.inventory));
  tally all = co_await second_pass;
  all.skipped += found.readable ? 0 : 1;
  all.census.add(found.census);
  co_return all;
}

}  // namespace

banyan::task<summary> count_tree(banyan::context& ctx, std::string path, std::uint64_t top) {
  const auto [is_directory, bytes] = co_await ctx.run("look", [&path] { return look(path); });
  tally all;
  if (is_directory) {
    all = co_await count_measured(ctx, path);
  } else {
    const auto file = ctx.spawn(part("count " + printable(path), bytes), count_file, path, bytes);
    all = co_await file;
  }
  list_summary words = summarize(all.words.data, top);
  summary result{all.files, all.skipped, all.bytes, words.words, words.distinct, std::move(words.top), {}};
  result.census.add(all.census);
  co_return result;
}
BANYAN_FUNCTION_AS(count_tree, "wordtree")

}  // namespace wordtree
