#include "nodes/node_report.hpp"

#include "actors/function_registry.hpp"
#include "nodes/setting_text.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {
namespace {

/// Without those that Banyan brings along.
std::vector<function_version> users_functions() {
  std::vector<function_version> all = registered_functions();
  std::erase_if(all, [](const function_version& f) { return f.name.starts_with("banyan."); });
  return all;
}

}  // namespace

std::string describe_configuration(const runtime_options& opts, const given_settings& given) {
  std::string text;
  for (const setting& key : all_settings()) {
    const auto found = given.find(key.name);
    const bool is_store = key.name == "store";
    text += key.name + " = " + write_setting(is_store ? summarize_store(opts.store).text : key.get(opts));
    text += "  ; " + (found == given.end() ? "the default" : found->second.where) + "\n";
  }
  text += "functions:";
  for (const function_version& f : users_functions()) text += " " + to_string(function_ref{f.name, f.version});
  return text + "\n";
}

std::string ready_line(const runtime_options& opts, const std::string& address) {
  const std::size_t functions = users_functions().size();
  return "node " + opts.name + (address.empty() ? " listens nowhere" : " listens on " + address) + ", " +
         std::to_string(functions) + (functions == 1 ? " function" : " functions") + ", store " +
         summarize_store(opts.store).text;
}

}  // namespace banyan::detail
