#pragma once

#include <gtest/gtest.h>

#include <banyan/error.hpp>

namespace banyan::test {

/// The `error` that a call throws. It fails the test, and returns an error without a code, if the call throws none.
template <class Call>
error thrown_by(Call&& call) {
  try {
    call();
  } catch (const error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return error(errc{}, "nothing was thrown");
}

}  // namespace banyan::test
