#include "actors/function_registry.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "messages/names.hpp"

namespace banyan::detail {
namespace {

/// An immutable state of the registry. Functions are registered a few at a time and looked up at every spawn, so
/// readers take no lock and each registration makes a new state.
struct catalogue {
  std::unordered_map<std::string_view, std::vector<const function_entry*>> by_name;  ///< by rising version
  std::unordered_map<any_function, const function_entry*> by_address;
};

class registry {
 public:
  static registry& instance() {
    // Never destroyed: registrations and threads may outlive any order of destruction.
    static registry* const r = new registry;
    return *r;
  }

  void add(function_entry entry) {
    const std::lock_guard lock(mutex_);
    const catalogue& now = *current_.load(std::memory_order_relaxed);
    if (!is_name(entry) || is_there(now, entry)) return;
    entries_.push_back(std::make_unique<function_entry>(std::move(entry)));
    const function_entry* added = entries_.back().get();
    auto next = std::make_unique<catalogue>(now);
    auto& versions = next->by_name[added->name];
    versions.insert(std::ranges::upper_bound(versions, added->version, {}, &function_entry::version), added);
    next->by_address.emplace(added->address, added);
    current_.store(next.get(), std::memory_order_release);
    // Earlier states stay: a reader may still look at them.
    states_.push_back(std::move(next));
    generation_.fetch_add(1, std::memory_order_release);
  }

  const catalogue& current() const { return *current_.load(std::memory_order_acquire); }
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::vector<std::string> errors() {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  /// One without a name that a record could hold is remembered, and left out.
  bool is_name(const function_entry& entry) {
    try {
      if (entry.name.empty()) throw error(errc::invalid_argument, "a function is registered without a name");
      check_name(entry.name, "the name of a registered function");
      return true;
    } catch (const error& e) {
      errors_.push_back(e.message());
      return false;
    }
  }

  /// One that contradicts what is there is remembered, and left out.
  bool is_there(const catalogue& now, const function_entry& entry) {
    const auto named = now.by_name.find(entry.name);
    if (named == now.by_name.end()) return false;
    for (const function_entry* other : named->second) {
      const bool same_function = other->address == entry.address;
      const bool same_version = other->version == entry.version;
      if (same_function && same_version) return true;
      if (same_function) {
        errors_.push_back("one function is registered as '" + entry.name + "' of version " +
                          std::to_string(other->version) + " and of version " + std::to_string(entry.version));
      } else if (same_version) {
        errors_.push_back("two functions are registered as '" + to_string(function_ref{entry.name, entry.version}) +
                          "'; give one another name with BANYAN_FUNCTION_AS");
      }
      if (same_function || same_version) return true;
    }
    return false;
  }

  registry() {
    states_.push_back(std::make_unique<catalogue>());
    current_.store(states_.back().get(), std::memory_order_release);
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<function_entry>> entries_;
  std::vector<std::unique_ptr<catalogue>> states_;
  std::vector<std::string> errors_;
  std::atomic<const catalogue*> current_{nullptr};
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace

void register_function(function_entry entry, built_for_this /*version*/) { registry::instance().add(std::move(entry)); }

const function_entry& entry_of(any_function address, const char* signature) {
  const catalogue& c = registry::instance().current();
  if (const auto it = c.by_address.find(address); it != c.by_address.end()) return *it->second;
  throw error(errc::unknown_function, "this function, " + type_name(signature) +
                                          ", is not registered: put BANYAN_FUNCTION(its_name) after its definition");
}

const function_entry* find_function(const function_ref& f) {
  const catalogue& c = registry::instance().current();
  const auto named = c.by_name.find(f.name);
  if (named == c.by_name.end()) return nullptr;
  const auto& versions = named->second;
  if (f.version == any_version) return versions.back();
  const auto it = std::ranges::lower_bound(versions, f.version, {}, &function_entry::version);
  return it == versions.end() ? nullptr : *it;
}

std::vector<function_version> registered_functions() {
  std::vector<function_version> all;
  for (const auto& [name, versions] : registry::instance().current().by_name) {
    for (const function_entry* f : versions) all.push_back({f->name, f->version});
  }
  std::ranges::sort(all);
  return all;
}

std::uint64_t registry_generation() { return registry::instance().generation(); }

std::vector<std::string> registration_errors() { return registry::instance().errors(); }

const msgpack::object* parse_arguments(std::string_view data, msgpack::zone& zone, std::size_t count,
                                       std::string_view function) {
  msgpack::object o;
  try {
    o = parse_payload(data, zone, default_max_depth);
  } catch (const error& e) {
    throw error(e.code(), "the arguments of " + std::string(function) + ": " + e.message());
  }
  if (o.type != msgpack::type::ARRAY) {
    throw error(errc::bad_payload, "the arguments of " + std::string(function) + " are no array");
  }
  if (o.via.array.size != count) {
    throw error(errc::bad_payload, std::string(function) + " takes " + std::to_string(count) +
                                       " arguments, the record holds " + std::to_string(o.via.array.size));
  }
  return o.via.array.ptr;
}

std::string argument_label(std::size_t index, std::string_view function) {
  return "argument " + std::to_string(index + 1) + " of " + std::string(function);
}

}  // namespace banyan::detail
