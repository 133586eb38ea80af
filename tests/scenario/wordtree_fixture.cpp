#include "tests/scenario/wordtree_fixture.hpp"

#include <sys/stat.h>

#include <fstream>
#include <random>
#include <sstream>

namespace banyan::test {
namespace {

constexpr auto all_words = "4000000000";

std::string random_words(std::mt19937& random, std::size_t bytes, std::string_view between) {
  std::string text;
  while (text.size() < bytes) {
    for (std::size_t length = 1 + random() % 9; length > 0; --length) text += "abcXYZ019_"[random() % 10];
    text += between[random() % between.size()];
  }
  return text;
}

std::string random_bytes(std::mt19937& random, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

}  // namespace

Wordtree::Wordtree() { std::filesystem::create_directory(tree()); }

void Wordtree::write(const std::filesystem::path& name, const std::string& content) const {
  std::filesystem::create_directories((tree() / name).parent_path());
  std::ofstream(tree() / name, std::ios::binary) << content;
}

void Wordtree::make_hostile_tree() const {
  std::mt19937 random(20);
  write("empty", "");
  write("no_words", " \n\t..\n");
  write("one_line", random_words(random, 3'000'000, " .,;-"));
  write("one_word", std::string(5'000'000, 'w'));
  write("words_at_every_border", random_words(random, 2'500'000, "\n"));
  write("binary", random_bytes(random, 1'500'000));
  write("no_line_end", "last words");
  for (const char* name : {"new\nline", "-rf", " ", "\xff\xfe\x80", "tab\there", "quote'\"\\", "*?[a-z]", "\x1b[31mred",
                           "\xe6\x9c\xa8", "..."}) {
    write(std::string("in ") + name + "/" + name, random_words(random, 500, " \n\xff\0"));
  }
  write(std::string(250, 'n') + "/" + std::string(255, 'm'), "long names\n");
  std::filesystem::path deep;
  for (int depth = 0; depth < 40; ++depth) deep /= "d";
  write(deep / "f", "deep down\n");
  for (int i = 0; i < 300; ++i) write("many/" + std::to_string(i), random_words(random, random() % 300, " \n"));
  std::filesystem::create_directory(tree() / "empty directory");
  std::filesystem::create_symlink("../one_line", tree() / "many/link");
  std::filesystem::create_directory_symlink("..", tree() / "many/loop");
  std::filesystem::create_symlink("nowhere", tree() / "dangling");
  mkfifo((tree() / "pipe").c_str(), 0600);
}

void Wordtree::set_long_file(std::uint64_t bytes) const {
  if (!std::filesystem::exists(tree() / "long")) write("long", "");
  std::filesystem::resize_file(tree() / "long", bytes);
}

std::vector<std::string> Wordtree::command(std::vector<std::string> arguments) const {
  std::vector<std::string> words{WORDTREE_PROGRAM, tree().string(), "--store", store_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

nlohmann::json Wordtree::count(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--json", "--top", all_words});
  const program_end end = run(arguments);
  EXPECT_EQ(end.code, 0) << end.err;
  return end.code == 0 ? last_line(end.out) : nlohmann::json();
}

word_map Wordtree::words_by_grep() const {
  const std::string script =
      "find \"$0\" -type f -print0 | LC_ALL=C xargs -0 grep -aohE '[A-Za-z0-9_]+' | LC_ALL=C sort | uniq -c";
  std::istringstream lines(run_program({"/bin/sh", "-c", script, tree().string()}).out);
  word_map words;
  std::uint64_t count = 0;
  for (std::string word; lines >> count >> word;) words[word] = count;
  return words;
}

void Wordtree::expect_equal_to_grep(const nlohmann::json& counted) const {
  const word_map expected = words_by_grep();
  EXPECT_EQ(words_in(counted), expected);
  std::uint64_t words = 0;
  for (const auto& [word, count] : expected) words += count;
  EXPECT_EQ(counted["words"], words);
  EXPECT_EQ(counted["distinct"], expected.size());
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tree())) {
    if (entry.is_symlink() || !entry.is_regular_file()) continue;
    ++files;
    bytes += entry.file_size();
  }
  EXPECT_EQ(counted["files"], files);
  EXPECT_EQ(counted["bytes"], bytes);
  EXPECT_EQ(counted["skipped"], 0);
}

nlohmann::json last_line(const std::string& out) {
  const std::size_t end = out.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const std::size_t before = out.rfind('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return nlohmann::json::parse(out.substr(begin, end + 1 - begin));
}

word_map words_in(const nlohmann::json& counted) {
  word_map words;
  for (const auto& entry : counted.value("top", nlohmann::json::array())) words[entry[0]] = entry[1];
  return words;
}

}  // namespace banyan::test
