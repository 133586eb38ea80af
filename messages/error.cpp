#include <banyan/error.hpp>

namespace banyan {
namespace {

std::string describe(const error_info& info) {
  std::string text = info.message;
  if (!info.function.empty() || info.origin) {
    text += " (in ";
    text += info.function.empty() ? "future" : info.function;
    if (info.origin) text += " " + info.origin->str();
    text += ")";
  }
  return text;
}

}  // namespace

std::string_view to_string(errc code) {
  switch (code) {
    case errc::failed: return "failed";
    case errc::permanent: return "permanent";
    case errc::cancelled: return "cancelled";
    case errc::timeout: return "timeout";
    case errc::nondeterminism: return "nondeterminism";
    case errc::crash_loop: return "crash_loop";
    case errc::unknown_function: return "unknown_function";
    case errc::bad_payload: return "bad_payload";
    case errc::too_large: return "too_large";
    case errc::bad_key: return "bad_key";
    case errc::bad_url: return "bad_url";
    case errc::invalid_argument: return "invalid_argument";
    case errc::not_found: return "not_found";
    case errc::id_conflict: return "id_conflict";
    case errc::would_block: return "would_block";
    case errc::stopped: return "stopped";
    case errc::store_unavailable: return "store_unavailable";
    case errc::store_busy: return "store_busy";
    case errc::store_corrupt: return "store_corrupt";
    case errc::store_denied: return "store_denied";
    case errc::store_too_new: return "store_too_new";
    case errc::store_read_only: return "store_read_only";
    case errc::store_full: return "store_full";
    case errc::corrupt_record: return "corrupt_record";
    case errc::store_fenced: return "store_fenced";
    case errc::unknown_queue: return "unknown_queue";
    case errc::budget_exceeded: return "budget_exceeded";
  }
  return "unknown";
}

error::error(errc code, const std::string& message) : std::runtime_error(message) {
  info_.code = code;
  info_.message = message;
}

error::error(error_info info) : std::runtime_error(describe(info)), info_(std::move(info)) {}

void throw_error(const error_info& info) {
  switch (info.code) {
    case errc::cancelled: throw cancelled(info);
    case errc::timeout: throw timeout(info);
    default: throw failure(info);
  }
}

}  // namespace banyan
