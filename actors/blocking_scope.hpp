#pragma once

#include <string_view>

#include <banyan/detail/activation.hpp>

namespace banyan::detail {

/// Marks a function's thread as blocked for a scope, where it may block.
class blocking_scope {
 public:
  explicit blocking_scope(std::string_view call) : activation_(current_activation()) {
    if (activation_) activation_->enter_blocking(call);
  }
  ~blocking_scope() {
    if (activation_) activation_->leave_blocking();
  }
  blocking_scope(const blocking_scope&) = delete;
  blocking_scope& operator=(const blocking_scope&) = delete;

 private:
  activation* activation_;
};

}  // namespace banyan::detail
