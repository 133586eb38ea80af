#pragma once

#include <string_view>
#include <utility>

#include <banyan/detail/recorded_run.hpp>

#include "actors/history.hpp"
#include "messages/family.hpp"
#include "tests/support/tree_builder.hpp"

namespace banyan::test {

/// What a store holds of a number, and what a function asks for at one.

inline constexpr std::string_view no_arguments = "\x90";

inline detail::record recorded_call(std::uint64_t number, std::string function,
                                    std::string_view arguments = no_arguments) {
  detail::spec_record spec = call_of(std::move(function));
  spec.arguments = arguments;
  return {.index = number, .spec = detail::encode_spec(spec)};
}

inline detail::record recorded_promise(std::uint64_t number, std::string name) {
  return {.index = number, .spec = detail::encode_spec(promise_of(std::move(name)))};
}

inline detail::record recorded_step(std::uint64_t number, detail::step_kind kind, std::string name = {},
                                    bytes answer = {}) {
  return {.index = number,
          .spec = detail::encode_step({kind, std::move(name), detail::encode_answer(std::move(answer))})};
}

inline detail::record with_result(detail::record r, const detail::result_record& result) {
  r.result = detail::encode_result(result);
  return r;
}

inline detail::history::request asks_for_call(std::string_view function, std::string_view arguments = no_arguments) {
  return {detail::entry_kind::call, {}, function, detail::call_digest(function, arguments)};
}

inline detail::history::request asks_for_promise(std::string_view name) {
  return {detail::entry_kind::promise, {}, name, 0};
}

inline detail::history::request asks_for_step(detail::step_kind kind, std::string_view name = {}) {
  return {detail::entry_kind::step, kind, name, 0};
}

}  // namespace banyan::test
