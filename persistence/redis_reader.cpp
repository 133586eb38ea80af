#include "persistence/redis_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <sstream>
#include <tuple>

#include <banyan/error.hpp>

#include "messages/record.hpp"

namespace banyan::detail {
namespace {

/// Fields that are asked for at a time.
constexpr std::size_t page = 1000;
constexpr std::string_view page_text = "1000";

struct by_number {
  bool operator()(const redis_field& a, const redis_field& b) const {
    return std::tie(a.index, a.kind, a.number) < std::tie(b.index, b.kind, b.number);
  }
};

std::int64_t score_in(std::string_view text) { return std::llround(std::strtod(std::string(text).c_str(), nullptr)); }

/// Calls `visit` for each record of fields that are sorted.
class record_maker {
 public:
  explicit record_maker(const std::function<void(record&&)>& visit) : visit_(visit) {}

  void add(const redis_field& f, bytes value) {
    if (begun_ && current_.index != f.index) finish();
    current_.index = f.index;
    begun_ = true;
    put_register(current_, f, std::move(value));
  }
  void finish() {
    if (begun_) visit_(std::exchange(current_, record{}));
    begun_ = false;
  }

 private:
  const std::function<void(record&&)>& visit_;
  record current_;
  bool begun_ = false;
};

}  // namespace

std::optional<record> redis_reader::load(const key& k) {
  using what = redis_field::what;
  const std::string family = layout_.family(k.family);
  std::vector<redis_field> fields{
      {what::spec, k.index, 0}, {what::result, k.index, 0}, {what::gauge, k.index, 0}, {what::state, k.index, 0}};
  for (std::int64_t attempt = 1; attempt <= 4; ++attempt) fields.push_back({what::attempt, k.index, attempt});
  record r;
  r.index = k.index;
  bool found = false;
  for (;;) {
    const std::vector<bytes> values = values_of(family, fields);
    bool some = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (values[i].empty()) continue;
      some = true;
      put_register(r, fields[i], values[i]);
    }
    found = found || some;
    // Attempts follow on each other, but one that is damaged may be missing.
    const std::int64_t last = fields.back().number;
    const std::int64_t seen = static_cast<std::int64_t>(r.attempts.size());
    if (seen <= last - 4 || !some) break;
    fields.clear();
    for (std::int64_t attempt = last + 1; attempt <= 2 * last; ++attempt)
      fields.push_back({what::attempt, k.index, attempt});
  }
  return found ? std::optional(std::move(r)) : std::nullopt;
}

std::vector<bytes> redis_reader::values_of(const std::string& family, std::span<const redis_field> fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  std::vector<std::string_view> command{"HMGET", family};
  for (const redis_field& f : fields) command.push_back(names.emplace_back(f.str()));
  const redis_reply reply = caller_.call(family, command);
  std::vector<bytes> values(fields.size());
  for (std::size_t i = 0; i < std::min(values.size(), reply->elements); ++i) values[i] = text_of(*reply->element[i]);
  return values;
}

void redis_reader::scan(const family_id& family, const std::function<void(record&&)>& visit) {
  const std::string name = layout_.family(family);
  const redis_reply first = caller_.call(name, {"HSCAN", name, "0", "COUNT", page_text});
  const std::string cursor(text_of(*first->element[0]));
  if (cursor == "0") {
    visit_page(*first->element[1], visit);
  } else {
    scan_large(name, cursor, *first->element[1], visit);
  }
}

/// All of a family, in no order; a server may name a field twice.
void redis_reader::visit_page(const redisReply& pairs, const std::function<void(record&&)>& visit) {
  std::map<redis_field, std::size_t, by_number> found;
  for (std::size_t i = 0; i + 1 < pairs.elements; i += 2) {
    if (const auto f = redis_field::parse(text_of(*pairs.element[i]))) found.emplace(*f, i + 1);
  }
  record_maker maker(visit);
  for (const auto& [f, at] : found) maker.add(f, bytes(text_of(*pairs.element[at])));
  maker.finish();
}

/// First the names of all fields, then their values by rising number, a page at a time.
void redis_reader::scan_large(const std::string& family, std::string cursor, const redisReply& first,
                              const std::function<void(record&&)>& visit) {
  std::vector<redis_field> fields;
  const auto note = [&](const redisReply& pairs) {
    for (std::size_t i = 0; i < pairs.elements; i += 2) {
      if (const auto f = redis_field::parse(text_of(*pairs.element[i]))) fields.push_back(*f);
    }
  };
  note(first);
  while (cursor != "0") {
    const redis_reply reply = caller_.call(family, {"HSCAN", family, cursor, "COUNT", page_text});
    cursor = text_of(*reply->element[0]);
    note(*reply->element[1]);
  }
  std::ranges::sort(fields, by_number());
  const auto twice = std::ranges::unique(fields);
  fields.erase(twice.begin(), twice.end());
  record_maker maker(visit);
  for (std::size_t at = 0; at < fields.size(); at += page) {
    const auto part = std::span(fields).subspan(at, std::min(page, fields.size() - at));
    std::vector<bytes> values = values_of(family, part);
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (!values[i].empty()) maker.add(part[i], std::move(values[i]));
    }
  }
  maker.finish();
}

bytes redis_reader::header(const family_id& family) {
  const std::string name = layout_.family(family);
  return bytes(text_of(*caller_.call(name, {"HGET", name, header_field})));
}

std::vector<std::string> redis_reader::homes(const family_id& family) {
  const std::string name = layout_.family(family);
  const redis_reply found = caller_.call(name, {"HGET", name, homes_field});
  std::istringstream words{std::string(text_of(*found))};
  return {std::istream_iterator<std::string>(words), {}};
}

std::map<std::string, std::int64_t> redis_reader::times_in(const std::string& list) {
  const redis_reply found = caller_.call(list, {"ZRANGE", list, "0", "-1", "WITHSCORES"});
  std::map<std::string, std::int64_t> times;
  for (std::size_t i = 0; i + 1 < found->elements; i += 2) {
    times.emplace(text_of(*found->element[i]), score_in(text_of(*found->element[i + 1])));
  }
  return times;
}

std::vector<root_entry> redis_reader::roots() {
  const std::int64_t now = caller_.time(layout_.expires);
  const auto ends = times_in(layout_.expires);
  const auto settled = times_in(layout_.settled);
  std::vector<root_entry> all;
  for (const auto& [name, created] : times_in(layout_.created)) {
    const auto end = ends.find(name);
    if (end != ends.end() && end->second <= now) continue;
    const auto at = settled.find(name);
    all.push_back({family_in(name), created, at == settled.end() ? 0 : at->second, end != ends.end()});
  }
  std::ranges::sort(all, {}, &root_entry::family);
  return all;
}

std::optional<root_entry> redis_reader::root(const family_id& family) {
  const std::string name = family_text(family);
  // First: who takes it off the list meanwhile does not make it one that is not settled.
  const redis_reply settled = caller_.call(layout_.settled, {"ZSCORE", layout_.settled, name});
  const redis_reply created = caller_.call(layout_.created, {"ZSCORE", layout_.created, name});
  const redis_reply end = caller_.call(layout_.expires, {"ZSCORE", layout_.expires, name});
  const bool over = !is_nil(*end) && score_in(text_of(*end)) <= caller_.time(layout_.expires);
  if (is_nil(*created) || over) return std::nullopt;
  return root_entry{family, score_in(text_of(*created)), is_nil(*settled) ? 0 : score_in(text_of(*settled)),
                    !is_nil(*end)};
}

family_id redis_reader::root_of(const key& k) {
  constexpr std::size_t most_remembered = 100'000;
  std::vector<family_id> way;
  family_id family = k.family;
  const auto known = [&] {
    const std::lock_guard lock(roots_mutex_);
    const auto at = roots_of_.find(family);
    if (at == roots_of_.end()) return false;
    family = at->second;
    return true;
  };
  while (!known()) {
    const bytes data = header(family);
    if (data.empty()) break;
    way.push_back(family);
    try {
      family = decode_header(data).parent.family;
    } catch (const error&) {
      // Damaged: nobody can tell whose it is.
      return family;
    }
  }
  const std::lock_guard lock(roots_mutex_);
  if (roots_of_.size() + way.size() > most_remembered) roots_of_.clear();
  for (const family_id& f : way) roots_of_.insert_or_assign(f, family);
  return family;
}

}  // namespace banyan::detail
