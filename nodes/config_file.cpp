#include "nodes/config_file.hpp"

#include <unistd.h>

#include <caf/actor_system_config.hpp>
#include <caf/pec.hpp>
#include <caf/settings.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "nodes/caf_value.hpp"
#include "nodes/config_lines.hpp"
#include "nodes/environment.hpp"
#include "nodes/node_check.hpp"
#include "nodes/setting_text.hpp"

namespace banyan::detail {
namespace {

/// Whether there is a key below this one.
bool is_section(const std::string& name) {
  for (const setting& key : all_settings()) {
    if (key.name.starts_with(name + ".")) return true;
  }
  return false;
}

/// What stands in a section: its keys, and the sections in it.
std::string known_in(const std::string& section) {
  std::string known;
  std::string last;
  for (const setting& key : all_settings()) {
    if (!key.name.starts_with(section)) continue;
    const std::string name = key.name.substr(section.size(), key.name.find('.', section.size()) - section.size());
    if (name != last) known += (known.empty() ? "" : ", ") + name;
    last = name;
  }
  return known;
}

class file_reader {
 public:
  explicit file_reader(const std::string& file) : file_(file) {
    std::ifstream in(file);
    if (!in || std::filesystem::is_directory(file)) reject("", "cannot be opened");
    text_.assign(std::istreambuf_iterator<char>(in), {});
    lines_ = find_config_lines(text_);
  }

  given_settings read() {
    std::istringstream in(text_);
    const auto parsed = ::caf::actor_system_config::parse_config(in);
    if (!parsed) reject_syntax(parsed.error());
    reject_doubles();
    const auto section = parsed->find("banyan");
    if (section == parsed->end()) reject("", "has no section banyan");
    const auto* values = ::caf::get_if<::caf::settings>(&section->second);
    if (!values) reject("banyan", "banyan is no section");
    read_section("", *values);
    return std::move(given_);
  }

 private:
  /// Where a key of the file is.
  std::string where(const std::string& full_name) const {
    const auto found = lines_.find(full_name);
    const std::string line = found == lines_.end() ? "" : ", line " + std::to_string(found->second.front());
    return "configuration file " + file_ + line;
  }

  [[noreturn]] void reject(const std::string& full_name, const std::string& why) const {
    throw error(errc::invalid_argument, where(full_name) + ": " + why);
  }

  [[noreturn]] void reject_syntax(const ::caf::error& why) const {
    std::int64_t line = 0;
    std::int64_t column = 0;
    if (why.context().match_elements<::caf::settings>()) {
      const auto& place = why.context().get_as<::caf::settings>(0);
      line = ::caf::get_or(place, "line", line);
      column = ::caf::get_or(place, "column", column);
    }
    const std::string at = line > 0 ? ", line " + std::to_string(line) + ", column " + std::to_string(column) : "";
    throw error(errc::invalid_argument, "configuration file " + file_ + at + ": cannot be read as CAF's syntax (" +
                                            to_string(static_cast<::caf::pec>(why.code())) + ")" + expected_in(line));
  }

  /// What the key in a line takes, where there is one of ours.
  std::string expected_in(std::int64_t line) const {
    for (const auto& [name, lines] : lines_) {
      const auto* const key = name.starts_with("banyan.") ? find_setting(name.substr(sizeof "banyan." - 1)) : nullptr;
      if (key && lines.front() == line) return "; " + name + " takes " + taken_in_file(*key);
    }
    return "; entries are KEY = VALUE, texts stand in quotes, comments begin with a semicolon";
  }

  /// CAF takes the first of two values, and of two sections in some forms too, without a word.
  void reject_doubles() const {
    for (const auto& [name, lines] : lines_) {
      if (lines.size() < 2 || (name != "banyan" && !name.starts_with("banyan."))) continue;
      throw error(errc::invalid_argument, "configuration file " + file_ + ", line " + std::to_string(lines[1]) + ": " +
                                              name + " is given already in line " + std::to_string(lines[0]));
    }
  }

  void read_section(const std::string& section, const ::caf::settings& values) {
    for (const auto& [word, value] : values) {
      const std::string name = section + word;
      const auto* const nested = ::caf::get_if<::caf::settings>(&value);
      if (is_section(name)) {
        if (!nested) reject("banyan." + name, "banyan." + name + " takes a section");
        read_section(name + ".", *nested);
      } else if (const setting* const key = find_setting(name)) {
        const auto given = from_caf(value);
        if (!given || !key->accepts(*given)) reject("banyan." + name, "banyan." + name + refusal_in_file(*key, given));
        given_[name] = {*given, where("banyan." + name)};
      } else {
        reject("banyan." + name, "unknown key banyan." + name + "; known are " + known_in(section));
      }
    }
  }

  const std::string file_;
  std::string text_;
  config_lines lines_;
  given_settings given_;
};

}  // namespace

given_settings read_config_file(const std::string& file) { return file_reader(file).read(); }

runtime_options with_config_file(runtime_options opts) {
  given_settings given;
  if (!opts.config_file.empty()) given = overlaid(read_environment(environ), read_config_file(opts.config_file));
  give_settings(given, opts);
  const auto problems = find_problems(opts);
  if (!problems.empty()) throw error(errc::invalid_argument, problem_text(problems.front(), given));
  return opts;
}

}  // namespace banyan::detail
