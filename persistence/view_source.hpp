#pragma once

#include <functional>
#include <optional>

#include "persistence/store.hpp"

namespace banyan::detail {

struct future_view;

/// Where views of futures are read from. A runtime answers from its store and from what is alive; a program that looks
/// on from outside has the store alone.
class view_source {
 public:
  virtual ~view_source() = default;

  /// As the functions of `store` with these names.
  virtual std::optional<record> load(const key& k) = 0;
  virtual bytes header(const family_id& family) = 0;
  /// `visit` calls neither the source nor the store.
  virtual void scan(const family_id& family, const std::function<void(record&&)>& visit) = 0;

  /// Puts in what is known better than from the record. Called inside `scan` too: it does not read the store.
  virtual void overlay(future_view&) {}
};

/// The records of a store and nothing else.
class store_source final : public view_source {
 public:
  explicit store_source(store& records) : store_(records) {}

  std::optional<record> load(const key& k) override { return store_.load(k); }
  bytes header(const family_id& family) override { return store_.header(family); }
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override {
    store_.scan(family, visit);
  }

 private:
  store& store_;
};

}  // namespace banyan::detail
