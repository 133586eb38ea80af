#include "nodes/settings.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "nodes/config_file.hpp"
#include "nodes/environment.hpp"
#include "nodes/setting_text.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::setting;
using detail::setting_kind;
using detail::setting_value;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A value that is no key's default, and its two forms.
struct sample {
  setting_value value;
  std::string text;
  std::string in_file;
};

sample sample_of(const setting& key) {
  if (!key.example.empty()) {
    return {std::vector<std::string>{"a", key.example}, "a," + key.example, "[\"a\", \"" + key.example + "\"]"};
  }
  switch (key.kind()) {
    case setting_kind::text: return {"some \"text\" = \\1", "some \"text\" = \\1", R"("some \"text\" = \\1")"};
    case setting_kind::number: return {std::int64_t{7}, "7", "7"};
    case setting_kind::duration: return {std::chrono::nanoseconds(90min), "90min", "90min"};
    case setting_kind::flag: return {true, "true", "true"};
    case setting_kind::texts: break;
  }
  return {std::vector<std::string>{"gpu", "big one"}, "gpu,big one", R"(["gpu", "big one"])"};
}

/// A file's text that gives one key one value.
std::string file_with(const setting& key, const std::string& value) {
  const auto dot = key.name.find('.');
  if (dot == key.name.npos) return "[banyan]\n" + key.name + " = " + value + "\n";
  return "[banyan." + key.name.substr(0, dot) + "]\n" + key.name.substr(dot + 1) + " = " + value + "\n";
}

detail::given_settings from_environment(std::vector<std::string> variables) {
  std::vector<const char*> pointers;
  for (const std::string& v : variables) pointers.push_back(v.c_str());
  pointers.push_back(nullptr);
  return detail::read_environment(pointers.data());
}

class Settings : public testing::Test {
 protected:
  detail::given_settings from_file(const std::string& text) {
    std::ofstream(file_) << text;
    return detail::read_config_file(file_);
  }

  scratch_directory dir_;
  const std::string file_ = (dir_.path() / "node.conf").string();
};

TEST_F(Settings, are_all_taken_from_a_file_and_from_the_environment) {
  for (const setting& key : detail::all_settings()) {
    SCOPED_TRACE(key.name);
    const sample s = sample_of(key);
    for (const auto& given :
         {from_file(file_with(key, s.in_file)), from_environment({key.variable() + "=" + s.text})}) {
      ASSERT_EQ(given.size(), 1u);
      EXPECT_EQ(given.begin()->first, key.name);
      EXPECT_EQ(given.begin()->second.value, s.value);
      runtime_options opts;
      EXPECT_TRUE(key.is_default(opts));
      detail::give_settings(given, opts);
      EXPECT_EQ(key.get(opts), s.value);
      EXPECT_FALSE(key.is_default(opts));
    }
  }
}

TEST_F(Settings, that_are_wrong_are_told_with_their_place_and_what_is_expected) {
  for (const setting& key : detail::all_settings()) {
    SCOPED_TRACE(key.name);
    const error in_file = thrown_by([&] { from_file("\n" + file_with(key, "1.5")); });
    EXPECT_EQ(in_file.code(), errc::invalid_argument);
    EXPECT_THAT(in_file.message(),
                HasSubstr(file_ + ", line 3: banyan." + key.name + " takes " + detail::taken_in_file(key)));
    if (key.kind() == setting_kind::text || key.kind() == setting_kind::texts) continue;
    const error elsewhere = thrown_by([&] { from_environment({key.variable() + "=1.5"}); });
    EXPECT_EQ(elsewhere.message(),
              "the environment variable " + key.variable() + " takes " + detail::taken_as_text(key));
  }
}

TEST_F(Settings, that_name_a_queue_wrongly_are_told_with_the_queue_and_the_word) {
  const char* const fault = "mail: unknown limit 'size=1'";
  EXPECT_THAT(thrown_by([&] { from_file("banyan {\n  queues = [\"mail size=1\"]\n}\n"); }).message(),
              HasSubstr(file_ + ", line 2: banyan.queues: " + fault));
  EXPECT_THAT(thrown_by([&] { from_environment({"BANYAN_QUEUES=print,mail size=1"}); }).message(),
              HasSubstr("the environment variable BANYAN_QUEUES: " + std::string(fault)));
  EXPECT_THAT(thrown_by([&] { from_file("banyan {\n  queues = \"mail\"\n}\n"); }).message(),
              HasSubstr("banyan.queues takes a list of texts in quotes, as [\"mail "));
}

TEST_F(Settings, have_names_that_cannot_be_mixed_up) {
  std::set<std::string> variables{"BANYAN_LOG", "BANYAN_NO_INSTALL", "BANYAN_JOBS"};
  for (const setting& key : detail::all_settings()) {
    EXPECT_TRUE(variables.insert(key.variable()).second) << key.variable();
    EXPECT_EQ(detail::find_setting(key.name), &key);
  }
  EXPECT_EQ(detail::find_setting("limits.max-payload")->variable(), "BANYAN_LIMITS_MAX_PAYLOAD");
  EXPECT_EQ(detail::find_setting("limits.max-payload")->option(), "--limits.max-payload");
  EXPECT_EQ(detail::find_setting("limits"), nullptr);
}

TEST_F(Settings, in_the_environment_count_when_they_are_not_empty_and_are_ours) {
  EXPECT_THAT(
      from_environment({"BANYAN_NAME=", "BANYAN_LOG=debug", "BANYAN_PORT=tcp://10.0.0.1:80", "NAME=x", "BANYAN_X"}),
      IsEmpty());
  EXPECT_THAT(detail::read_environment(nullptr), IsEmpty());
}

TEST_F(Settings, in_the_environment_that_look_mistyped_are_told) {
  const char* const variables[] = {"BANYAN_LISTN=x", "BANYAN_LOG=debug", "BANYAN_PORT_4711_TCP=x", "BANYAN_NAME=a",
                                   nullptr};
  EXPECT_THAT(detail::find_mistyped(variables),
              ElementsAre(AllOf(HasSubstr("BANYAN_LISTN "), HasSubstr("BANYAN_LISTEN meant"))));
}

TEST_F(Settings, from_above_win_over_those_from_below) {
  const auto both =
      detail::overlaid(from_environment({"BANYAN_NAME=above"}), from_file("[banyan]\nname=\"below\"\nthreads=3\n"));
  runtime_options opts;
  detail::give_settings(both, opts);
  EXPECT_EQ(opts.name, "above");
  EXPECT_EQ(opts.threads, 3u);
  EXPECT_THAT(both.at("name").where, HasSubstr("BANYAN_NAME"));
  EXPECT_THAT(both.at("threads").where, HasSubstr("node.conf, line 3"));
}

TEST_F(Settings, are_written_as_a_file_holds_them) {
  for (const setting& key : detail::all_settings()) {
    const sample s = sample_of(key);
    const auto read_back = from_file(file_with(key, detail::write_setting(s.value)));
    EXPECT_EQ(read_back.begin()->second.value, s.value) << key.name;
  }
  EXPECT_EQ(detail::write_duration(0s), "0s");
  EXPECT_EQ(detail::write_duration(168h), "168h");
  EXPECT_EQ(detail::write_duration(90min), "90min");
  EXPECT_EQ(detail::write_duration(1500ms), "1500ms");
}

TEST_F(Settings, take_numbers_in_tens_alone) {
  const setting& threads = *detail::find_setting("threads");
  EXPECT_EQ(detail::read_setting(threads, "10"), setting_value(std::int64_t{10}));
  for (const char* text : {"010", "0x10", "0b10", "1.0", "+1", " 1", ""}) {
    EXPECT_FALSE(detail::read_setting(threads, text)) << text;
  }
}

TEST_F(Settings, take_no_parts_of_what_they_count_in) {
  using std::chrono::nanoseconds;
  const setting& retention = *detail::find_setting("retention");
  EXPECT_FALSE(detail::read_setting(retention, "5ms"));
  EXPECT_FALSE(detail::read_setting(retention, "-1s"));
  EXPECT_EQ(detail::read_setting(retention, "0s"), setting_value(nanoseconds(0)));
  EXPECT_EQ(detail::read_setting(retention, "2000ms"), setting_value(nanoseconds(2s)));
  EXPECT_NE(detail::taken_in_file(retention).find("whole seconds"), std::string::npos);
  const setting& lease = *detail::find_setting("lease");
  EXPECT_FALSE(detail::read_setting(lease, "5us"));
  EXPECT_TRUE(detail::read_setting(lease, "1500ms"));
}

TEST_F(Settings, of_lists_keep_empty_entries_so_that_they_can_be_told) {
  const setting& roles = *detail::find_setting("roles");
  using texts = std::vector<std::string>;
  EXPECT_EQ(detail::read_setting(roles, "a"), setting_value(texts{"a"}));
  EXPECT_EQ(detail::read_setting(roles, "a,,b,"), setting_value(texts{"a", "", "b", ""}));
}

TEST_F(Settings, are_each_in_the_page_for_operators) {
  std::ifstream in(BANYAN_SOURCE_DIR "/docs/operations.md");
  ASSERT_TRUE(in);
  std::ostringstream page;
  page << in.rdbuf();
  for (const setting& key : detail::all_settings()) {
    EXPECT_THAT(page.str(), HasSubstr("| `" + key.name + "` |"));
  }
}

}  // namespace
}  // namespace banyan::test
