#include "nodes/config_lines.hpp"

#include <cctype>

namespace banyan::detail {
namespace {

constexpr char at_end = '\0';

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  config_lines scan() {
    std::string section;
    for (skip_space(); here() != at_end; skip_space()) {
      if (here() == '[') {
        section = read_header();
      } else {
        read_entry(section);
      }
    }
    return std::move(found_);
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : at_end; }

  void advance() {
    if (here() == '\n') ++line_;
    ++at_;
  }

  void skip_blanks() {
    while (is_blank(here())) advance();
  }

  /// Also lines' ends, comments, and the commas between entries.
  void skip_space() {
    for (;; advance()) {
      if (here() == ';') skip_line();
      if (here() == at_end || (!is_blank(here()) && here() != '\n' && here() != ',')) return;
    }
  }

  void skip_line() {
    while (here() != at_end && here() != '\n') advance();
  }

  std::string read_word() {
    const std::size_t begin = at_;
    while (is_word(here())) advance();
    return std::string(text_.substr(begin, at_ - begin));
  }

  void note(const std::string& name, unsigned line) {
    if (!name.empty()) found_[name].push_back(line);
  }

  /// Reads "[banyan.tls]".
  std::string read_header() {
    const unsigned line = line_;
    std::string name;
    for (advance(); here() != at_end && here() != ']' && here() != '\n'; advance()) {
      if (!is_blank(here())) name += here();
    }
    if (here() == ']') advance();
    note(name, line);
    return name;
  }

  /// Reads "key = value" or "key { ... }", or passes over a character that begins nothing.
  void read_entry(const std::string& within) {
    const unsigned line = line_;
    const std::string word = read_word();
    if (word.empty()) return advance();
    const std::string name = within.empty() ? word : within + "." + word;
    note(name, line);
    skip_blanks();
    if (here() == '=') advance();
    skip_blanks();
    read_value(name);
  }

  void read_value(const std::string& name) {
    switch (here()) {
      case '"':
      case '\'': return read_quoted(here());
      case '<': return read_quoted('>');
      case '{': return read_map(name);
      case '[': return read_list();
      default: break;
    }
    while (here() != at_end && std::string_view(" \t\n;,]}").find(here()) == std::string_view::npos) advance();
  }

  /// A text ends with its line, as CAF has it.
  void read_quoted(char end) {
    advance();
    while (here() != at_end && here() != '\n' && here() != end) {
      if (here() == '\\') advance();
      advance();
    }
    if (here() == end) advance();
  }

  void read_map(const std::string& name) {
    advance();
    for (skip_space(); here() != at_end && here() != '}'; skip_space()) read_entry(name);
    advance();
  }

  /// What has keys in a list has no name.
  void read_list() {
    advance();
    for (skip_space(); here() != at_end && here() != ']'; skip_space()) {
      const std::size_t before = at_;
      if (here() == '{') {
        read_nameless_map();
      } else {
        read_value("");
      }
      if (at_ == before) advance();
    }
    advance();
  }

  void read_nameless_map() {
    config_lines kept = std::move(found_);
    read_map("");
    found_ = std::move(kept);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  config_lines found_;
};

}  // namespace

config_lines find_config_lines(std::string_view text) { return scanner(text).scan(); }

}  // namespace banyan::detail
