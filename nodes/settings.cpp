#include "nodes/settings.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <type_traits>

#include "nodes/queue_text.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

template <class T>
setting_value to_value(const T& field) {
  if constexpr (std::is_same_v<T, bool>) {
    return field;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(field);
  } else if constexpr (std::is_same_v<T, std::optional<std::chrono::seconds>>) {
    return nanoseconds(field.value_or(default_retention));
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return nanoseconds(field);
  } else {
    return field;
  }
}

template <class T>
void from_value(const setting_value& v, T& field) {
  if constexpr (std::is_same_v<T, bool>) {
    field = std::get<bool>(v);
  } else if constexpr (std::is_integral_v<T>) {
    field = static_cast<T>(std::get<std::int64_t>(v));
  } else if constexpr (std::is_same_v<T, std::optional<std::chrono::seconds>>) {
    field = duration_cast<std::chrono::seconds>(std::get<nanoseconds>(v));
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    field = duration_cast<T>(std::get<nanoseconds>(v));
  } else {
    field = std::get<T>(v);
  }
}

template <class T>
constexpr std::int64_t most_of() {
  if constexpr (!std::is_integral_v<T>) return 0;
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(std::numeric_limits<std::conditional_t<std::is_integral_v<T>, T, int>>::max(),
                              std::numeric_limits<std::int64_t>::max()));
}

template <class T>
constexpr nanoseconds unit_of() {
  if constexpr (std::is_same_v<T, std::optional<std::chrono::seconds>>) return std::chrono::seconds(1);
  return std::chrono::milliseconds(1);
}

/// `Field` gives the member that the key is about.
template <auto Field>
setting key(std::string name, std::string help) {
  using T = std::decay_t<decltype(Field(std::declval<runtime_options&>()))>;
  return {std::move(name),
          std::move(help),
          most_of<T>(),
          unit_of<T>(),
          [](const runtime_options& o) { return to_value<T>(Field(o)); },
          [](runtime_options& o, const setting_value& v) { from_value<T>(v, Field(o)); },
          [](const runtime_options& o) {
            static const runtime_options defaults;
            return Field(o) == Field(defaults);
          }};
}

#define BANYAN_FIELD(member) \
  [](auto& o) -> auto& { return o.member; }

/// In a text each.
setting queue_settings() {
  setting s;
  s.name = "queues";
  s.help = "in which futures may wait for a place";
  s.example = "mail concurrency=2 rate=10";
  s.get = [](const runtime_options& o) -> setting_value { return write_queues(o.queues); };
  s.set = [](runtime_options& o, const setting_value& v) {
    o.queues = read_queues(std::get<std::vector<std::string>>(v));
  };
  s.is_default = [](const runtime_options& o) { return o.queues.empty(); };
  s.fault_of = [](const setting_value& v) -> std::string {
    try {
      read_queues(std::get<std::vector<std::string>>(v));
      return {};
    } catch (const error& e) {
      return e.message();
    }
  };
  return s;
}

std::vector<setting> runtime_settings() {
  return {
      key<BANYAN_FIELD(store)>("store", "URL of the store"),
      key<BANYAN_FIELD(name)>("name", "of this node, the same at each start"),
      key<BANYAN_FIELD(threads)>("threads", "that run functions"),
      key<BANYAN_FIELD(retention)>("retention", "how long settled trees are kept"),
      queue_settings(),
  };
}

std::vector<setting> node_settings() {
  return {
      key<BANYAN_FIELD(node.roles)>("roles", "what this node offers"),
      key<BANYAN_FIELD(node.listen)>("listen", "HOST:PORT for other nodes"),
      key<BANYAN_FIELD(node.advertise)>("advertise", "HOST:PORT that others are told"),
      key<BANYAN_FIELD(node.lease)>("lease", "after so long without a sign of life others take over"),
      key<BANYAN_FIELD(node.heartbeat)>("heartbeat", "how often it looks for the others"),
      key<BANYAN_FIELD(node.grace)>("grace", "how long running functions may go on at a stop"),
      key<BANYAN_FIELD(node.insecure)>("insecure", "listens anywhere without TLS"),
      key<BANYAN_FIELD(node.certificate)>("tls.certificate", "PEM file that shows who this node is"),
      key<BANYAN_FIELD(node.key)>("tls.key", "PEM file of its private key"),
      key<BANYAN_FIELD(node.ca)>("tls.ca", "PEM file of the authorities that other nodes' certificates are from"),
  };
}

std::vector<setting> limit_settings() {
  return {
      key<BANYAN_FIELD(limits.max_payload)>("limits.max-payload", "bytes of one argument list or result"),
      key<BANYAN_FIELD(limits.max_depth)>("limits.max-depth", "nesting of arrays and maps in a payload"),
      key<BANYAN_FIELD(limits.max_in_flight)>("limits.max-in-flight", "bytes on their way to the store"),
      key<BANYAN_FIELD(limits.max_crash_recoveries)>("limits.max-crash-recoveries",
                                                     "crashes in a row that a future may be running at"),
      key<BANYAN_FIELD(limits.max_blocking)>("limits.max-blocking", "blocking functions that run at a time"),
  };
}

#undef BANYAN_FIELD

std::vector<setting> make_settings() {
  std::vector<setting> all = runtime_settings();
  for (auto part : {node_settings(), limit_settings()}) {
    all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  }
  const auto at_most = [&all](const char* name, std::int64_t most) {
    std::ranges::find(all, name, &setting::name)->most = most;
  };
  at_most("limits.max-depth", static_cast<std::int64_t>(limits().max_depth));
  at_most("limits.max-blocking", most_blocking);
  at_most("threads", most_threads);
  return all;
}

}  // namespace

setting_kind setting::kind() const { return static_cast<setting_kind>(get(runtime_options()).index()); }

bool setting::accepts(const setting_value& v) const {
  if (static_cast<setting_kind>(v.index()) != kind()) return false;
  if (const auto* number = std::get_if<std::int64_t>(&v)) return *number >= 1 && *number <= most;
  if (const auto* duration = std::get_if<nanoseconds>(&v)) {
    return duration->count() >= 0 && *duration % unit == nanoseconds::zero();
  }
  return fault(v).empty();
}

std::string setting::fault(const setting_value& v) const {
  return fault_of && static_cast<setting_kind>(v.index()) == kind() ? fault_of(v) : std::string();
}

std::string setting::option() const { return "--" + name; }

std::string setting::variable() const {
  std::string text = "BANYAN_" + name;
  for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(c)) : '_';
  return text;
}

const std::vector<setting>& all_settings() {
  static const std::vector<setting> all = make_settings();
  return all;
}

const setting* find_setting(std::string_view name) {
  const auto& all = all_settings();
  const auto found = std::ranges::find(all, name, &setting::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace banyan::detail
