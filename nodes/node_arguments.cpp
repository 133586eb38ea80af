#include "nodes/node_arguments.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "nodes/setting_text.hpp"

namespace banyan::detail {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw error(errc::invalid_argument, why + "; see --help"); }

class argument_reader {
 public:
  argument_reader(int argc, const char* const* argv) {
    if (argc > 1) words_.assign(argv + 1, argv + argc);
  }

  node_arguments read() {
    while (next_ < words_.size()) read_one(words_[next_++]);
    return std::move(result_);
  }

 private:
  /// Reads `--option`, `--option VALUE` or `--option=VALUE`.
  void read_one(const std::string& word) {
    const auto equals = word.find('=');
    option_ = word.substr(0, equals);
    value_ = equals == word.npos ? std::nullopt : std::optional(word.substr(equals + 1));
    if (option_ == "--help" || option_ == "-h") return read_switch(result_.wants_help);
    if (option_ == "--check-config") return read_switch(result_.check_only);
    if (option_ == "--load") return result_.libraries.push_back(take_value("a LIBRARY"));
    if (option_ == "--config") {
      if (!result_.config_file.empty()) refuse("--config is given twice");
      result_.config_file = take_value("a FILE");
      return;
    }
    const setting* const key = option_.starts_with("--") ? find_setting(option_.substr(2)) : nullptr;
    if (!key) refuse("unknown argument '" + word + "'");
    read_setting_of(*key);
  }

  void read_switch(bool& flag) const {
    if (value_) refuse(option_ + " takes no value");
    flag = true;
  }

  void read_setting_of(const setting& key) {
    const bool bare_flag = key.kind() == setting_kind::flag && !value_;
    const std::string text = bare_flag ? "true" : take_value(taken_as_text(key));
    const auto value = read_setting(key, text);
    if (!value) refuse("the option " + option_ + refusal_as_text(key, text) + ", not '" + text + "'");
    if (!result_.settings.try_emplace(key.name, given_setting{*value, "the option " + option_}).second) {
      refuse(option_ + " is given twice");
    }
  }

  std::string take_value(const std::string& expected) {
    if (!value_ && next_ < words_.size()) value_ = words_[next_++];
    if (!value_ || value_->empty()) refuse("the option " + option_ + " takes " + expected);
    return *value_;
  }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::string option_;
  std::optional<std::string> value_;
  node_arguments result_;
};

std::string kind_of_value(const setting& key) {
  switch (key.kind()) {
    case setting_kind::number: return " N";
    case setting_kind::duration: return " DURATION";
    case setting_kind::texts: return " A,B";
    case setting_kind::flag: return "";
    case setting_kind::text: break;
  }
  return " TEXT";
}

std::string help_line(std::string option, const std::string& help) {
  constexpr std::size_t column = 34;
  option = "  " + option;
  option.resize(std::max(option.size() + 1, column), ' ');
  return option + help + "\n";
}

}  // namespace

node_arguments read_node_arguments(int argc, const char* const* argv) { return argument_reader(argc, argv).read(); }

std::string node_help(const std::string& program) {
  std::string text = "Runs a node until SIGTERM or SIGINT.\nUsage: " + program + " [OPTIONS]\n\n";
  text += help_line("--config FILE", "settings in CAF's syntax, in a section banyan");
  text += help_line("--load LIBRARY", "a shared library with functions; as often as needed");
  text += help_line("--check-config", "say what it would run with, or what is wrong, and end");
  text +=
      "\nKeys of the configuration. The command line wins over the environment (BANYAN_NAME, BANYAN_TLS_KEY, ...),\n"
      "that over the file:\n";
  for (const setting& key : all_settings()) text += help_line(key.option() + kind_of_value(key), key.help);
  return text +
         "\nExit codes: 0 stopped or all well; 3 error; 128 and a signal's number: ended at once by a second one.\n";
}

}  // namespace banyan::detail
