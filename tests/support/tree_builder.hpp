#pragma once

#include <string>

#include <banyan/key.hpp>

#include "messages/record.hpp"
#include "persistence/store.hpp"

namespace banyan::test {

/// Writes the records of trees by hand, as an engine would have left them in a store.
class tree_builder {
 public:
  explicit tree_builder(detail::store& s) : store_(s) {}

  /// A listed root whose family is named by `id`.
  key root(const std::string& id, detail::spec_record spec, detail::millis created = 1000);

  /// Child `index` of an attempt of `parent`, which is on level `level` - 1.
  key child(const key& parent, std::uint64_t index, detail::spec_record spec, std::uint32_t level = 1,
            std::uint32_t attempt = 1);
  key step(const key& parent, std::uint64_t index, std::uint32_t attempt = 1);

  void result(const key& k, const detail::result_record& r);
  void gauge(const key& k, const detail::gauge_record& g);
  void failed_attempt(const key& k, std::uint32_t number, const error_info& info);
  void settle_root(const key& root, detail::millis at);

  /// Any register as it is.
  void put(detail::write::what kind, const key& k, bytes value, std::int64_t number = 0);

 private:
  detail::store& store_;
};

/// A call without arguments.
detail::spec_record call_of(std::string function, std::string label = "");
detail::spec_record promise_of(std::string name);
detail::result_record success_of(bytes value, bool settled = true);
detail::result_record failure_of(std::string message, bool settled = true);

}  // namespace banyan::test
