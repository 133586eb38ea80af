#include "actors/records.hpp"

#include <algorithm>

#include "messages/family.hpp"

namespace banyan::detail {

records::records(std::unique_ptr<store> backend, journal::settings s)
    : backend_(std::move(backend)),
      scratch_(open_store("memory:", open_mode::drive, "")),
      durable_(std::make_unique<journal>(*backend_, s)),
      passing_(std::make_unique<journal>(*scratch_, s)) {}

std::optional<records::located> records::find(const key& k) {
  if (auto r = scratch_->load(k)) return located{std::move(*r), false};
  if (auto r = backend_->load(k); r && !r->spec.empty()) return located{std::move(*r), true};
  // What was spawned a moment ago may still be on its way.
  durable_->flush();
  if (auto r = backend_->load(k)) return located{std::move(*r), true};
  return std::nullopt;
}

std::optional<family_header> records::header(const family_id& family) {
  bytes data = scratch_->header(family);
  if (data.empty()) data = backend_->header(family);
  if (data.empty()) {
    // A root's family never gets one, so there is nothing to wait for.
    if (scratch_->root(family) || backend_->root(family)) return std::nullopt;
    durable_->flush();
    data = backend_->header(family);
  }
  if (data.empty()) return std::nullopt;
  return decode_header(data);
}

std::vector<record> records::family(const family_id& family, bool durable) {
  std::vector<record> found;
  const auto collect = [&](record&& r) {
    if (!is_message(r.index)) found.push_back(std::move(r));
  };
  scratch_->scan(family, collect);
  if (!durable) return found;
  const bool mixed = !found.empty();
  backend_->scan(family, collect);
  if (mixed) std::ranges::sort(found, {}, &record::index);
  return found;
}

void records::write(bool durable, detail::write w, committed done) {
  journal_of(durable).submit(std::move(w), std::move(done));
}

void records::lose_patience(std::chrono::milliseconds patience) { durable_->lose_patience(patience); }

void records::stop(std::chrono::milliseconds grace) {
  passing_->stop(std::chrono::milliseconds(0));
  durable_->stop(grace);
}

}  // namespace banyan::detail
