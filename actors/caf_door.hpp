#pragma once

#include <caf/response_promise.hpp>

#include <banyan/key.hpp>

namespace banyan::detail {

class engine;

/// Answers a request with the encoded result of a future once it is there, or with an error.
void answer_with_result(engine& e, const key& k, ::caf::response_promise promise);

}  // namespace banyan::detail
