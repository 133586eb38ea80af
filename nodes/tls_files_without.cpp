#include "nodes/node_check.hpp"

namespace banyan::detail {

std::vector<option_problem> check_tls_files(const node_options& node) {
  if (node.certificate.empty() || node.key.empty() || node.ca.empty()) return {};
  return {{"tls.certificate", "is of no use: this Banyan was built without OpenSSL", ""}};
}

}  // namespace banyan::detail
