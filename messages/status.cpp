#include <banyan/status.hpp>

#include <ostream>

namespace banyan {

std::string_view to_string(status s) {
  switch (s) {
    case status::pending: return "pending";
    case status::running: return "running";
    case status::waiting: return "waiting";
    case status::success: return "success";
    case status::failure: return "failure";
    case status::cancelled: return "cancelled";
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& out, status s) { return out << to_string(s); }

}  // namespace banyan
