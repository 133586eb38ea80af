#include "persistence/file_error.hpp"

#include <cerrno>
#include <cstring>

#include <banyan/error.hpp>

namespace banyan::detail {

void throw_file_error(const char* what, const std::string& file, const std::string& store_name, int cause) {
  const bool rights = cause == EACCES || cause == EROFS || cause == EPERM;
  const bool full = cause == ENOSPC || cause == EDQUOT;
  const errc code = rights ? errc::store_read_only : full ? errc::store_full : errc::store_unavailable;
  std::string text = store_name + ": cannot " + what + " " + file + ": " + std::strerror(cause);
  if (rights) text += "; a driver writes to the file and keeps others beside it in the same directory";
  throw error(code, text);
}

}  // namespace banyan::detail
