#include "tools/table.hpp"

#include <algorithm>

#include "tools/format.hpp"

namespace banyan::tools {

void print_table(const std::vector<std::vector<std::string>>& rows, output& out) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) out.write(padded(row[i], widths[i] + 2));
    out.line(row.back());
  }
}

}  // namespace banyan::tools
