#include <filesystem>
#include <fstream>
#include <set>

#include "tests/kernel/cluster_processes.hpp"
#include "tests/kernel/cluster_work.hpp"
#include "tests/kernel/map_sources.hpp"
#include "tests/support/scratch_directory.hpp"

/// Sharded maps, over several nodes.
namespace banyan::test {
namespace {

std::mutex mapped_mutex;
std::set<std::uint32_t> mapped_on;

std::uint64_t sums_somewhere(const std::vector<std::uint64_t>& page) {
  const std::lock_guard lock(mapped_mutex);
  mapped_on.insert(runs_on());
  return sum_page(page);
}
BANYAN_FUNCTION(sums_somewhere)

std::string joins_somewhere(const std::vector<std::string>& page) {
  const std::lock_guard lock(mapped_mutex);
  mapped_on.insert(runs_on());
  return join_page(page);
}
BANYAN_FUNCTION(joins_somewhere)

std::uint64_t counts_fields_somewhere(const fields_of::page& page) {
  const std::lock_guard lock(mapped_mutex);
  mapped_on.insert(runs_on());
  return page.size();
}
BANYAN_FUNCTION(counts_fields_somewhere)

class ClusterMaps : public Cluster {
 protected:
  void SetUp() override {
    Cluster::SetUp();
    if (IsSkipped()) return;
    mapped_on.clear();
    for (const char* name : {"a", "b", "c"}) node(name);
    ASSERT_TRUE(await_connections());
  }
};

TEST_F(ClusterMaps, run_their_shards_on_all_nodes) {
  for (const bool count_first : {false, true}) {
    mapped_on.clear();
    const map_options opts{.page_size = 50, .shards = 5, .count_first = count_first, .placement = placement::spread()};
    const auto f = node("a").spawn(map_reduce(numbers{0, 5000}, sums_somewhere, add_up, 0, opts));
    EXPECT_EQ(f.get_for(30s), 5000u * 4999 / 2);
    EXPECT_EQ(mapped_on.size(), 3u);
    EXPECT_TRUE(wait_until([&] { return f.progress().weight == 5000 && f.progress().fraction() == 1; }));
  }
}

TEST_F(ClusterMaps, read_the_lines_of_a_file_on_the_node_that_is_told) {
  const scratch_directory scratch;
  const std::string path = (scratch.path() / "text").string();
  std::string all;
  {
    std::ofstream out(path);
    for (int i = 0; i < 300; ++i) {
      out << i << '\n';
      all += std::to_string(i) + ";";
    }
  }
  const map_options opts{.page_size = 20, .placement = placement::on("b")};
  const auto f = node("a").spawn(map_reduce(lines_of{path}, joins_somewhere, append_text, "", opts));
  EXPECT_EQ(f.get_for(30s), all);
  EXPECT_EQ(mapped_on, std::set{node("b").engine()->id()});
}

TEST_F(ClusterMaps, go_through_a_directory_that_all_nodes_see) {
  const scratch_directory scratch;
  std::string all;
  for (int i = 100; i < 400; ++i) {
    std::ofstream(scratch.path() / std::to_string(i));
    all += std::to_string(i) + ";";
  }
  const map_options opts{.page_size = 10, .count_first = true, .placement = placement::spread()};
  const auto f =
      node("a").spawn(map_reduce(entries_of(scratch.path().string()), joins_somewhere, append_text, "", opts));
  EXPECT_EQ(f.get_for(30s), all);
  EXPECT_EQ(mapped_on.size(), 3u);
}

TEST_F(ClusterMaps, go_through_the_fields_of_a_hash) {
  for (int i = 0; i < 1000; ++i) redis().ask({"HSET", "h", "field " + std::to_string(i), "x"});
  const map_options opts{.page_size = 50, .placement = placement::spread()};
  const fields_of fields(redis().url(), "h");
  const auto f = node("a").spawn(map_reduce(fields, counts_fields_somewhere, add_up, 0, opts));
  EXPECT_EQ(f.get_for(30s), 1000u);
  EXPECT_EQ(mapped_on.size(), 3u);
}

class ClusterMapKill : public ClusterProcesses {
 protected:
  static constexpr std::uint64_t elements = 20'000;
  static constexpr std::uint64_t page = 10;  ///< each is noted

  std::string order(const std::string& id) const override { return "map " + id + " " + std::to_string(elements); }

  /// At any time, also while it counts.
  void kill_and_expect(const std::vector<std::string>& victims) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment(elements / page);
      kill(victims);
      expect_result(elements * (elements - 1) / 2);
      if (HasFatalFailure()) return;
      EXPECT_EQ(result()->gauge.weight, elements);
    }
  }
};

TEST_F(ClusterMapKill, of_a_node_with_shards_ends_no_map) { kill_and_expect({"b"}); }

TEST_F(ClusterMapKill, of_two_with_the_root_ends_no_map) { kill_and_expect({"a", "c"}); }

}  // namespace
}  // namespace banyan::test
