#include <banyan/detail/outcome.hpp>

namespace banyan::detail {

outcome_ptr make_success(bytes value) {
  auto o = std::make_shared<outcome>();
  o->value = std::move(value);
  return o;
}

outcome_ptr make_failure(error_info info) {
  auto o = std::make_shared<outcome>();
  o->status = status::failure;
  o->failure = std::make_unique<const error_info>(std::move(info));
  return o;
}

outcome_ptr make_cancelled(error_info info) {
  auto o = std::make_shared<outcome>();
  o->status = status::cancelled;
  o->failure = std::make_unique<const error_info>(std::move(info));
  return o;
}

outcome_ptr make_missing(const key& k) {
  auto o = std::make_shared<outcome>();
  o->status = status::failure;
  o->failure =
      std::make_unique<const error_info>(error_info{errc::not_found, "no future has the key " + k.str(), {}, k});
  o->missing = true;
  return o;
}

const bytes& value_or_throw(const outcome& o) {
  if (!o.ok()) throw_error(*o.failure);
  return o.value;
}

}  // namespace banyan::detail
