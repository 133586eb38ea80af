#include "examples/wordtree/measure.hpp"

#include <utility>
#include <vector>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/files.hpp"
#include "examples/wordtree/inventory.hpp"
#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

/// One level: directories are still empty.
measured list_level(const std::string& path) {
  measured level;
  const auto report = [&path](const std::string& name, const std::string& why) {
    activity::here().skipped(path_of(path, name), why);
  };
  try {
    std::uint64_t files = 0;
    for (const found_file& f : list_directory(path, report)) {
      add_entry(level.inventory.data, {f.kind, f.name, f.bytes, {}});
      level.bytes += f.bytes;
      files += f.kind == file_kind::file;
    }
    activity::here().found(files, level.bytes);
  } catch (const file_error& e) {
    activity::here().skipped(path, e.what());
    level.readable = false;
  }
  return level;
}

}  // namespace

std::string path_of(const std::string& path, std::string_view name) {
  std::string whole = path;
  if (whole.empty() || whole.back() != '/') whole += '/';
  return whole.append(name);
}

banyan::task<measured> measure_directory(banyan::context& ctx, std::string path) {
  // Recorded: a run that goes on after a crash must name the same children, whatever became of the directory.
  const measured level = co_await ctx.run("list", [&path] { return list_level(path); });
  measured all;
  all.readable = level.readable;
  const std::vector<inventory_entry> entries = entries_of(level.inventory.data);
  std::vector<banyan::future<measured>> below;
  for (const inventory_entry& e : entries) {
    if (e.kind != file_kind::directory) continue;
    const banyan::options opts{.name = printable(e.name), .weight = 0.0};
    below.push_back(ctx.spawn(opts, measure_directory, path_of(path, e.name)));
  }
  auto next = below.begin();
  for (inventory_entry e : entries) {
    measured inside;
    if (e.kind == file_kind::directory) {
      inside = co_await *next++;
      all.census.add(inside.census);
      if (!inside.readable) e.kind = file_kind::unreadable;
      e.bytes = inside.bytes;
      e.inside = inside.inventory.data;
    }
    all.bytes += e.bytes;
    add_entry(all.inventory.data, e);
  }
  co_return all;
}
BANYAN_FUNCTION(measure_directory)

}  // namespace wordtree
