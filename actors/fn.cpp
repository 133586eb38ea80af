#include <banyan/fn.hpp>

#include "actors/function_registry.hpp"

namespace banyan::detail {

const function_entry& bound_call::entry() const {
  if (function.empty()) throw error(errc::unknown_function, "this fn calls nothing");
  if (const function_entry* const e = find_function({function, any_version})) return *e;
  throw error(errc::unknown_function, "this program does not know the function '" + function + "' of this fn");
}

bound_call unpack_call(const msgpack::object& o, std::size_t arity) {
  bound_call call = unpack_call(o);
  const function_entry* const known = find_function({call.function, any_version});
  if (known && known->arity != call.count + arity) {
    throw error(errc::bad_payload, "a fn of " + call.function + ", which takes " + std::to_string(known->arity) +
                                       " arguments, holds " + std::to_string(call.count) + " and is to be given " +
                                       std::to_string(arity));
  }
  return call;
}

}  // namespace banyan::detail
