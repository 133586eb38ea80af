#include "actors/life.hpp"

#include <algorithm>

namespace banyan::detail {
namespace {

banyan::keep inherited_keep(const options& opts, const life* parent) {
  if (opts.keep) return *opts.keep;
  return parent ? parent->keep_records : banyan::keep::all;
}

}  // namespace

far_parent::far_parent(const family_id& of, life_ptr tree, incarnation_id node, std::vector<std::string> queues_above)
    : children(of), root(std::move(tree)), hosts(node), queues(std::move(queues_above)) {}

far_parent::~far_parent() = default;

life::life(key k, life_ptr parent_life, std::uint32_t of_attempt, const options& opts, stop_epoch& epoch)
    : self(k),
      parent(std::move(parent_life)),
      level(parent ? parent->level + 1 : 0),
      parent_attempt(of_attempt),
      policy(opts.on_parent_done),
      keep_records(inherited_keep(opts, parent.get())),
      durable(opts.durable && (!parent || parent->durable)),
      priority(opts.priority ? *opts.priority
               : parent      ? parent->priority
                             : 0),
      given_weight(opts.weight),
      budget(budgets::of(opts.budget, self, level, parent ? parent->budget.get() : nullptr,
                         budgets::slot_of(of_attempt, self.index))),
      queue(opts.queue),
      root_(parent ? parent->root_ : this),
      epoch_(epoch) {}

life::life(const key& k, std::uint32_t of_level, banyan::keep kept, int own_priority,
           std::unique_ptr<far_parent> far_away, stop_epoch& epoch)
    : self(k),
      level(of_level),
      parent_attempt(1),
      policy(banyan::on_parent_done::follow),
      keep_records(kept),
      durable(true),
      priority(own_priority),
      far(std::move(far_away)),
      root_(far ? far->root.get() : this),
      epoch_(epoch) {}

life_ptr life::of_far_parent(const key& k, std::uint32_t attempt, std::uint32_t level, banyan::keep keep, int priority,
                             std::unique_ptr<far_parent> far, stop_epoch& epoch) {
  life_ptr l(new life(k, level, keep, priority, std::move(far), epoch));
  l->attempt_.store(attempt, std::memory_order_release);
  return l;
}

life_ptr life::of_far_root(const key& k, stop_epoch& epoch) {
  return life_ptr(new life(k, 0, banyan::keep::all, 0, nullptr, epoch));
}

bool life::must_stop() const {
  // Whoever stops a future writes the flag first and counts the epoch up after it.
  const std::uint64_t now = epoch_.load(std::memory_order_acquire);
  if (checked_epoch_.load(std::memory_order_relaxed) == now) return stop_.load(std::memory_order_acquire);
  if (stop_.load(std::memory_order_acquire) || stopped_above(now)) return true;
  checked_epoch_.store(now, std::memory_order_relaxed);
  return false;
}

/// Whether what became of this one ends a child; nothing: those above it decide.
std::optional<bool> life::verdict(std::uint32_t of_attempt, std::uint64_t index,
                                  banyan::on_parent_done child_policy) const {
  if (child_revoked(of_attempt, index)) return true;
  if (child_policy == banyan::on_parent_done::detach) return false;
  const banyan::status done = done_.load(std::memory_order_acquire);
  if (done == banyan::status::failure || done == banyan::status::cancelled) return true;
  if (done == banyan::status::success && child_policy == banyan::on_parent_done::cancel) return true;
  if (of_attempt < attempt_.load(std::memory_order_acquire)) return true;
  if (stop_.load(std::memory_order_acquire)) return true;
  return std::nullopt;
}

bool life::ends_child(std::uint32_t of_attempt, std::uint64_t index, banyan::on_parent_done child_policy) const {
  const std::optional<bool> own = verdict(of_attempt, index, child_policy);
  return own ? *own : must_stop();
}

bool life::stopped_above(std::uint64_t epoch) const {
  for (const life* l = this; l->parent; l = l->parent.get()) {
    if (l->stop_.load(std::memory_order_acquire)) return true;
    // It has looked since, and goes on.
    if (l != this && l->checked_epoch_.load(std::memory_order_relaxed) == epoch) return false;
    const std::optional<bool> decided = l->parent->verdict(l->parent_attempt, l->self.index, l->policy);
    if (decided) return *decided;
  }
  return false;
}

void life::request_stop(error_info why) {
  {
    const std::lock_guard lock(mutex_);
    // The first one counts, and before one from above.
    if (!stop_.load(std::memory_order_relaxed)) known_reason_ = std::make_shared<const error_info>(std::move(why));
    stop_.store(true, std::memory_order_release);
  }
  epoch_.fetch_add(1, std::memory_order_acq_rel);
}

error_info life::stop_reason() const {
  const auto known = [](const life& l) {
    const std::lock_guard lock(l.mutex_);
    return l.known_reason_;
  };
  std::shared_ptr<const error_info> found;
  const life* at = this;
  for (; at && !found; at = at->parent.get()) found = known(*at);
  if (!found) return {errc::cancelled, "cancelled with its parent", {}, self};
  // In a long chain those below need not come up here.
  for (const life* l = this; l != at; l = l->parent.get()) {
    const std::lock_guard lock(l->mutex_);
    if (!l->known_reason_) l->known_reason_ = found;
  }
  return *found;
}

void life::set_done(banyan::status s, bool stops_children) {
  done_.store(s, std::memory_order_release);
  if (stops_children) epoch_.fetch_add(1, std::memory_order_acq_rel);
}

void life::set_attempt(std::uint32_t n) {
  attempt_.store(n, std::memory_order_release);
  epoch_.fetch_add(1, std::memory_order_acq_rel);
}

void life::revoke_child(std::uint32_t of_attempt, std::uint64_t index) {
  {
    const std::lock_guard lock(mutex_);
    rare_state().revoked.emplace(of_attempt, index);
  }
  has_revoked_.store(true, std::memory_order_release);
  epoch_.fetch_add(1, std::memory_order_acq_rel);
}

bool life::child_revoked(std::uint32_t of_attempt, std::uint64_t index) const {
  if (!has_revoked_.load(std::memory_order_acquire)) return false;
  const std::lock_guard lock(mutex_);
  return rare_ && rare_->revoked.contains({of_attempt, index});
}

void life::open_to_adoption(std::uint32_t version) {
  adoption expected = adoption::not_begun;
  if (adoption_.load(std::memory_order_relaxed) == expected) header_version_ = version;
  // Release: who sees it open sees the version.
  adoption_.compare_exchange_strong(expected, adoption::open, std::memory_order_release, std::memory_order_relaxed);
}

// One order of all changes of the state: whoever was let in before it is seen by `adoptees`.
bool life::close_to_adoption() {
  return adoption_.exchange(adoption::closed, std::memory_order_acq_rel) == adoption::adopting;
}

bool life::close_unless_adopting() {
  const std::lock_guard lock(mutex_);
  if (rare_ && !rare_->adoptees.empty()) return false;
  adoption_.store(adoption::closed, std::memory_order_release);
  return true;
}

life::begun life::begin_adoption(std::uint64_t number, std::shared_ptr<const options> opts) {
  const std::lock_guard lock(mutex_);
  adoption now = adoption_.load(std::memory_order_acquire);
  if (now == adoption::not_begun) return begun::no;
  if (now == adoption::closed) return begun::closed;
  std::vector<adoptee>& all = rare_state().adoptees;
  if (std::ranges::any_of(all, [number](const adoptee& a) { return a.number == number; })) return begun::known;
  all.push_back({number, std::move(opts), adoptee::state::deciding});
  while (now != adoption::closed) {
    if (adoption_.compare_exchange_weak(now, adoption::adopting, std::memory_order_acq_rel)) return begun::yes;
  }
  all.pop_back();
  return begun::closed;
}

void life::end_adoption(std::uint64_t number, bool adopted) {
  const std::lock_guard lock(mutex_);
  for (adoptee& a : rare_state().adoptees) {
    if (a.number == number) a.state = adopted ? adoptee::state::adopted : adoptee::state::refused;
  }
}

std::vector<adoptee> life::adoptees() {
  const adoption now = adoption_.load(std::memory_order_acquire);
  if (now == adoption::not_begun || now == adoption::open) return {};
  const std::lock_guard lock(mutex_);
  if (!rare_ || rare_->adoptees.empty()) return {};
  std::vector<adoptee> all = rare_->adoptees;
  std::erase_if(rare_->adoptees, [](const adoptee& a) { return a.state != adoptee::state::deciding; });
  return all;
}

banyan::progress life::progress() const {
  banyan::progress p;
  p.local = local.load(std::memory_order_relaxed);
  p.calculated = p.local + children_calculated.load(std::memory_order_relaxed);
  const double own = own_weight.load(std::memory_order_relaxed);
  const double below = children_weight.load(std::memory_order_relaxed);
  const bool given = given_weight && (*given_weight < unknown_weight || !(below > 0));
  p.weight = own >= 0 ? own : (given ? *given_weight : (below > 0 ? below : 1));
  return p;
}

void life::complete_gauge(bool has_children) {
  const banyan::progress p = progress();
  const banyan::progress all = progress_of_success(p);
  const bool own = own_weight.load(std::memory_order_relaxed) >= 0;
  if (!p.known() && (own || !has_children)) own_weight.store(all.weight, std::memory_order_relaxed);
  if (!has_children && p.local < all.weight) local.store(all.weight, std::memory_order_relaxed);
}

void life::set_settled() {
  const std::lock_guard lock(mutex_);
  settled_.store(true, std::memory_order_relaxed);
}

void life::park(error_info why) {
  const std::lock_guard lock(mutex_);
  rare_state().parked = std::move(why);
}

void life::unpark() {
  const std::lock_guard lock(mutex_);
  if (rare_) rare_->parked.reset();
}

std::optional<error_info> life::parked() const {
  const std::lock_guard lock(mutex_);
  return rare_ ? rare_->parked : std::nullopt;
}

void life::offer_place(place_ptr own) {
  const std::lock_guard lock(mutex_);
  // Who wants it has been told: it is dropped with the argument, after the lock.
  if (wishes_ == 0) rare_state().offered = std::move(own);
}

place_ptr life::take_back_place() {
  const std::lock_guard lock(mutex_);
  return rare_ ? std::exchange(rare_->offered, nullptr) : nullptr;
}

place_ptr life::begin_wish() {
  const std::lock_guard lock(mutex_);
  ++wishes_;
  return rare_ ? std::exchange(rare_->offered, nullptr) : nullptr;
}

void life::end_wish() {
  const std::lock_guard lock(mutex_);
  --wishes_;
}

bool life::has_wishes() const {
  const std::lock_guard lock(mutex_);
  return wishes_ > 0;
}

life::rare& life::rare_state() {
  if (!rare_) rare_ = std::make_unique<rare>();
  return *rare_;
}

}  // namespace banyan::detail
