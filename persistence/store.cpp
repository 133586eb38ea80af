#include "persistence/store.hpp"

#include <banyan/error.hpp>

namespace banyan::detail {

void check_write(const write& w) {
  if (w.value.size() > max_register_bytes) {
    throw error(errc::too_large, "a record of " + std::to_string(w.value.size()) +
                                     " bytes is above the store's limit of " + std::to_string(max_register_bytes));
  }
  if (w.kind == write::what::attempt && (w.number < 1 || w.number > max_attempt_number)) {
    throw error(errc::invalid_argument,
                "attempt " + std::to_string(w.number) + " is not from 1 to " + std::to_string(max_attempt_number));
  }
}

bool is_once(const write& w) {
  return w.kind == write::what::spec || w.kind == write::what::result || w.kind == write::what::attempt ||
         w.kind == write::what::header;
}

}  // namespace banyan::detail
