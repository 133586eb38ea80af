#include "tests/support/tree_builder.hpp"

#include "messages/family.hpp"

namespace banyan::test {

using detail::write;

key tree_builder::root(const std::string& id, detail::spec_record spec, detail::millis created) {
  const key k{detail::named_family(id), 0};
  spec.created = created;
  put(write::what::spec, k, detail::encode_spec(spec));
  put(write::what::add_root, k, {}, created);
  return k;
}

key tree_builder::child(const key& parent, std::uint64_t index, detail::spec_record spec, std::uint32_t level,
                        std::uint32_t attempt) {
  const key k{detail::child_family(parent, attempt), index};
  put(write::what::header, k, detail::encode_header({parent, attempt, level}));
  put(write::what::spec, k, detail::encode_spec(spec));
  return k;
}

key tree_builder::step(const key& parent, std::uint64_t index, std::uint32_t attempt) {
  const key k{detail::child_family(parent, attempt), index};
  put(write::what::spec, k, detail::encode_step({detail::step_kind::run, "side effect", detail::encode(1)}));
  return k;
}

void tree_builder::result(const key& k, const detail::result_record& r) {
  put(write::what::result, k, detail::encode_result(r));
}

void tree_builder::gauge(const key& k, const detail::gauge_record& g) {
  put(write::what::gauge, k, detail::encode_gauge(g));
}

void tree_builder::failed_attempt(const key& k, std::uint32_t number, const error_info& info) {
  put(write::what::attempt, k, detail::encode_error(info), number);
}

void tree_builder::settle_root(const key& root, detail::millis at) { put(write::what::settle_root, root, {}, at); }

void tree_builder::put(write::what kind, const key& k, bytes value, std::int64_t number) {
  const write w{kind, k.family, k.index, number, std::move(value)};
  detail::write_outcome outcome;
  store_.commit({&w, 1}, {&outcome, 1});
}

detail::spec_record call_of(std::string function, std::string label) {
  detail::spec_record spec;
  spec.function = std::move(function);
  spec.arguments = "\x90";
  if (!label.empty()) {
    auto opts = std::make_shared<options>();
    opts->name = std::move(label);
    spec.opts = std::move(opts);
  }
  return spec;
}

detail::spec_record promise_of(std::string name) {
  detail::spec_record spec;
  spec.kind = detail::entry_kind::promise;
  spec.function = std::move(name);
  return spec;
}

detail::result_record success_of(bytes value, bool settled) {
  detail::result_record r;
  r.value = std::move(value);
  r.settled = settled;
  r.started = 2000;
  r.finished = 3500;
  return r;
}

detail::result_record failure_of(std::string message, bool settled) {
  detail::result_record r;
  r.outcome = status::failure;
  r.failure.message = std::move(message);
  r.settled = settled;
  r.started = 2000;
  r.finished = 3500;
  return r;
}

}  // namespace banyan::test
