#include "nodes/config_lines.hpp"

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using detail::config_lines;
using detail::find_config_lines;
using testing::ElementsAre;
using testing::Pair;

TEST(ConfigLines, names_sections_and_their_keys) {
  EXPECT_THAT(find_config_lines("[banyan]\nname = \"a\"\n\n  threads=3\n[banyan.tls]\nkey=\"k\"\n"),
              ElementsAre(Pair("banyan", ElementsAre(1)), Pair("banyan.name", ElementsAre(2)),
                          Pair("banyan.threads", ElementsAre(4)), Pair("banyan.tls", ElementsAre(5)),
                          Pair("banyan.tls.key", ElementsAre(6))));
}

TEST(ConfigLines, knows_sections_in_braces) {
  EXPECT_THAT(find_config_lines("banyan {\n name=\"a\", threads=3\n tls = { key=\"k\"\n }\n lease=5s }\n"),
              ElementsAre(Pair("banyan", ElementsAre(1)), Pair("banyan.lease", ElementsAre(5)),
                          Pair("banyan.name", ElementsAre(2)), Pair("banyan.threads", ElementsAre(2)),
                          Pair("banyan.tls", ElementsAre(3)), Pair("banyan.tls.key", ElementsAre(3))));
}

TEST(ConfigLines, does_not_look_into_comments_and_texts) {
  EXPECT_THAT(find_config_lines("; name = 1 {\n[a] ; [b]\nx = \"y=1 \\\" { ; \" ; z=1\nw = 'v=2'\nu=<file:a=b>\nt=1\n"),
              ElementsAre(Pair("a", ElementsAre(2)), Pair("a.t", ElementsAre(6)), Pair("a.u", ElementsAre(5)),
                          Pair("a.w", ElementsAre(4)), Pair("a.x", ElementsAre(3))));
}

TEST(ConfigLines, does_not_look_into_lists) {
  EXPECT_THAT(find_config_lines("[a]\nx = [\"p\", ; q=1\n 3, { y = 1 },\n [ 'r' ] ]\nz = 1\n"),
              ElementsAre(Pair("a", ElementsAre(1)), Pair("a.x", ElementsAre(2)), Pair("a.z", ElementsAre(5))));
}

TEST(ConfigLines, says_all_lines_of_what_is_given_twice) {
  EXPECT_THAT(find_config_lines("[a]\nx=1\nx=2\n[a]\n"),
              ElementsAre(Pair("a", ElementsAre(1, 4)), Pair("a.x", ElementsAre(2, 3))));
}

TEST(ConfigLines, passes_over_what_is_no_configuration) {
  for (const char* text : {"", "]", "}{", "[", "[a", "\"", "a={", "a=[", "a=[{", "a=[}", "= = =", "a=[;", "\\\\\\"}) {
    find_config_lines(text);
  }
  EXPECT_THAT(find_config_lines("??? \n[a]\nx\nb=}\nc=1"),
              ElementsAre(Pair("a", ElementsAre(2)), Pair("a.b", ElementsAre(4)), Pair("a.c", ElementsAre(5)),
                          Pair("a.x", ElementsAre(3))));
}

}  // namespace
}  // namespace banyan::test
