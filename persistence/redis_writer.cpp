#include "persistence/redis_writer.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <banyan/error.hpp>

#include "messages/clock.hpp"

#include "persistence/redis_error.hpp"

namespace banyan::detail {
namespace {

/// A script's call takes twice as many values; Lua sets a limit to them.
constexpr std::size_t most_specs_in_one = 1000;

/// Written once, and told what is there by a reply of its own.
bool is_once(write::what kind) {
  return kind == write::what::spec || kind == write::what::result || kind == write::what::attempt ||
         kind == write::what::header;
}

bool can_share_a_command(const write& w) {
  return (w.kind == write::what::spec || w.kind == write::what::header) && !w.value.empty();
}

}  // namespace

redis_writer::redis_writer(redis_servers& servers, const redis_layout& layout, const redis_scripts& scripts,
                           std::function<std::string(const key&)> driver_of)
    : servers_(servers), layout_(layout), scripts_(scripts), driver_of_(std::move(driver_of)) {
  if (!servers_.cluster()) lanes_.resize(servers_.settings().connections);
}

redis_writer::stage redis_writer::stage_of(const write& w) {
  switch (w.kind) {
    case write::what::add_root:
    // Whoever takes a notice looks for the result for a while; a result without a notice would never be seen.
    case write::what::notice: return stage::listing;
    case write::what::drop_family:
    case write::what::settle_root:
    case write::what::drop_root:
    case write::what::expire_root: return stage::endings;
    case write::what::expire_family: return stage::expiries;
    default: return stage::records;
  }
}

void redis_writer::commit(std::span<const write> writes, std::span<write_outcome> outcomes,
                          const std::function<void()>& meanwhile) {
  for (const write& w : writes) check_write(w);
  writes_ = writes;
  outcomes_ = outcomes;
  meanwhile_ = meanwhile ? &meanwhile : nullptr;
  forget_leftovers();
  std::ranges::fill(outcomes, write_outcome{});
  // What comes after an ending of its own family begins another segment.
  std::unordered_set<family_id> ended;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const stage s = stage_of(writes[i]);
    if (s == stage::endings) {
      ended.insert(writes[i].family);
    } else if (s != stage::expiries && !ended.empty() && ended.contains(writes[i].family)) {
      commit_segment(begin, i);
      begin = i;
      ended.clear();
    }
  }
  commit_segment(begin, writes.size());
}

void redis_writer::commit_segment(std::size_t begin, std::size_t end) {
  run_in_order(plan(begin, end, stage::listing));
  run(plan(begin, end, stage::records));
  std::vector<task> lost = std::exchange(lost_, {});
  run(lost);
  run_in_order(roots_to_claim(begin, end));
  run(plan(begin, end, stage::expiries));
  run_in_order(plan(begin, end, stage::endings));
}

std::vector<redis_writer::task> redis_writer::roots_to_claim(std::size_t begin, std::size_t end) {
  std::vector<task> tasks;
  for (const std::size_t listed : std::exchange(listed_by_others_, {})) {
    for (std::size_t i = begin; i < end; ++i) {
      const write& w = writes_[i];
      // A batch that is sent again meets its own bytes.
      const bool ours = outcomes_[i].won || outcomes_[i].existing == w.value;
      const bool written = w.kind == write::what::spec && w.index == 0 && !w.value.empty() && ours;
      if (written && w.family == writes_[listed].family) tasks.push_back({{listed}, task::what::claims});
    }
  }
  return tasks;
}

/// Specs of siblings, and the header, share a command.
std::vector<redis_writer::task> redis_writer::plan(std::size_t begin, std::size_t end, stage s) const {
  std::vector<task> tasks;
  std::unordered_map<family_id, std::size_t> open;
  for (std::size_t i = begin; i < end; ++i) {
    const write& w = writes_[i];
    if (stage_of(w) != s) continue;
    if (can_share_a_command(w)) {
      const auto [at, first] = open.try_emplace(w.family, tasks.size());
      if (!first) {
        std::vector<std::size_t>& shared = tasks[at->second].positions;
        const write& last = writes_[shared.back()];
        // By rising number, so that none is there twice.
        const bool rising = w.kind == write::what::spec && (last.kind == write::what::header || last.index < w.index);
        if (rising && shared.size() < most_specs_in_one) {
          shared.push_back(i);
          continue;
        }
        at->second = tasks.size();
      }
    } else if (w.kind == write::what::spec) {
      // It only asks: what comes after it may not be done before.
      open.erase(w.family);
    }
    tasks.push_back({{i}, task::what::writes});
  }
  return tasks;
}

void redis_writer::run_in_order(std::span<const task> tasks) {
  while (!tasks.empty()) {
    const std::size_t lane = lane_of(tasks.front());
    std::size_t same = 1;
    while (same < tasks.size() && lane_of(tasks[same]) == lane) ++same;
    run(tasks.first(same));
    tasks = tasks.subspan(same);
  }
}

void redis_writer::run(std::span<const task> tasks) {
  constexpr int most_rounds = 16;
  pipeline(tasks);
  std::vector<task> moved;
  for (int round = 0; !elsewhere_.empty(); ++round) {
    if (round == most_rounds) {
      elsewhere_.clear();
      throw error(errc::store_unavailable, servers_.settings().describe() + ": its servers send us back and forth");
    }
    std::vector<task> next;
    for (const auto& [t, to] : std::exchange(elsewhere_, {})) {
      if (to.ask) {
        ask(*t, to.to);
      } else {
        servers_.moved(to);
        next.push_back(*t);
      }
    }
    moved = std::move(next);
    pipeline(moved);
  }
}

void redis_writer::pipeline(std::span<const task> tasks) {
  // So that the server has something to do while we write the rest.
  constexpr std::size_t enough_to_send = 1u << 15;
  std::vector<std::size_t> used;
  const auto send = [](lane& l) {
    l.connection->send(l.out);
    l.out.clear();
  };
  try {
    for (const task& t : tasks) {
      const std::size_t number = lane_of(t);
      lane& l = connected(number);
      if (l.sent.empty()) used.push_back(number);
      append(l.out, t);
      l.sent.push_back(&t);
      if (l.out.text().size() >= enough_to_send) send(l);
    }
    for (const std::size_t number : used) send(lanes_[number]);
    if (meanwhile_) (*std::exchange(meanwhile_, nullptr))();
    for (const std::size_t number : used) receive(lanes_[number]);
  } catch (...) {
    // Replies that are not awaited would be taken for later ones.
    for (const std::size_t number : used) {
      lane& l = lanes_[number];
      l.connection.reset();
      l.out.clear();
      l.sent.clear();
    }
    forget_leftovers();
    if (meanwhile_) (*std::exchange(meanwhile_, nullptr))();
    servers_.look_again();
    throw;
  }
}

void redis_writer::forget_leftovers() {
  elsewhere_.clear();
  lost_.clear();
  listed_by_others_.clear();
}

void redis_writer::receive(lane& l) {
  for (const task* const t : l.sent) {
    const redis_reply reply = l.connection->receive();
    if (reply->type != REDIS_REPLY_ERROR) {
      answer(*t, *reply);
    } else if (const auto to = redis_redirect::parse(text_of(*reply))) {
      elsewhere_.emplace_back(t, *to);
    } else {
      l.connection->expect(*reply);
    }
  }
  l.sent.clear();
}

/// A slot is on its way: the key is at its next server already.
void redis_writer::ask(const task& t, const redis_address& where) {
  const auto c = servers_.connect(where);
  redis_scripts::load(*c);
  redis_commands commands;
  commands.add({"ASKING"});
  append(commands, t);
  c->send(commands);
  c->expect(*c->receive());
  const redis_reply reply = c->receive();
  c->expect(*reply);
  answer(t, *reply);
}

std::size_t redis_writer::lane_of(const task& t) {
  const write& w = writes_[t.positions.front()];
  if (!servers_.cluster()) return stage_of(w) == stage::records ? std::hash<family_id>()(w.family) % lanes_.size() : 0;
  const redis_place where = servers_.place_of(key_of(t));
  const auto found = std::ranges::find(lanes_, where, &lane::where);
  if (found != lanes_.end()) return static_cast<std::size_t>(found - lanes_.begin());
  lanes_.push_back({where, nullptr, {}, {}});
  return lanes_.size() - 1;
}

redis_writer::lane& redis_writer::connected(std::size_t number) {
  lane& l = lanes_[number];
  if (!l.connection) {
    l.connection = servers_.connect(l.where);
    redis_scripts::load(*l.connection);
  }
  return l;
}

std::string redis_writer::key_of(const task& t) const {
  const write& w = writes_[t.positions.front()];
  const bool of_a_family =
      stage_of(w) == stage::records || stage_of(w) == stage::expiries || w.kind == write::what::drop_family;
  return of_a_family ? layout_.family(w.family) : layout_.created;
}

std::string redis_writer::field_of(std::size_t position) const {
  const write& w = writes_[position];
  return w.kind == write::what::header ? std::string(header_field) : redis_field::of(w).str();
}

void redis_writer::append(redis_commands& out, const task& t) const {
  const std::size_t position = t.positions.front();
  const write& w = writes_[position];
  if (t.positions.size() > 1) {
    append_group(out, t);
  } else if (t.kind == task::what::claims) {
    out.add({"EVALSHA", scripts_.name(redis_script::claim_root), "4", layout_.created, layout_.settled, layout_.drivers,
             layout_.driven(layout_.driver), family_text(w.family), std::to_string(w.number), layout_.driver,
             layout_.driven("")});
  } else if (t.kind == task::what::reads_back || (is_once(w.kind) && w.value.empty())) {
    out.add({"HGET", layout_.family(w.family), field_of(position)});
  } else if (is_once(w.kind)) {
    append_once(out, position);
  } else if (w.kind == write::what::gauge || w.kind == write::what::state) {
    const std::string family = layout_.family(w.family);
    const std::string field = field_of(position);
    if (w.value.empty()) {
      out.add({"HDEL", family, field});
    } else {
      out.add({"HSET", family, field, w.value});
    }
  } else {
    append_list(out, w);
  }
}

void redis_writer::append_once(redis_commands& out, std::size_t position) const {
  const write& w = writes_[position];
  out.add({"HSETNX", layout_.family(w.family), field_of(position), w.value});
}

void redis_writer::append_group(redis_commands& out, const task& t) const {
  const std::string family = layout_.family(writes_[t.positions.front()].family);
  std::vector<std::string> fields;
  fields.reserve(t.positions.size());
  std::vector<std::string_view> arguments{"EVALSHA", scripts_.name(redis_script::put_new), "1", family};
  for (const std::size_t position : t.positions) {
    arguments.push_back(fields.emplace_back(field_of(position)));
    arguments.push_back(writes_[position].value);
  }
  out.add(arguments);
}

void redis_writer::append_list(redis_commands& out, const write& w) const {
  const std::string root = family_text(w.family);
  const std::string time = std::to_string(w.number);
  switch (w.kind) {
    case write::what::add_root:
      out.add({"EVALSHA", scripts_.name(redis_script::add_root), "5", layout_.created, layout_.drivers,
               layout_.driven(layout_.driver), layout_.settled, layout_.expires, root, time, layout_.driver});
      break;
    case write::what::settle_root:
      out.add({"EVALSHA", scripts_.name(redis_script::settle_root), "3", layout_.created, layout_.settled,
               layout_.drivers, root, time, layout_.driven("")});
      break;
    case write::what::drop_root:
      out.add({"EVALSHA", scripts_.name(redis_script::drop_root), "4", layout_.created, layout_.settled,
               layout_.drivers, layout_.expires, root, layout_.driven("")});
      break;
    case write::what::expire_root: {
      const std::int64_t now = now_ms();
      out.add({"EVALSHA", scripts_.name(redis_script::expire_root), "3", layout_.created, layout_.settled,
               layout_.expires, root, std::to_string(now + w.number), std::to_string(now)});
      break;
    }
    case write::what::expire_family: out.add({"PEXPIRE", layout_.family(w.family), time}); break;
    case write::what::notice: {
      const key k{w.family, w.index};
      out.add({"EVALSHA", scripts_.name(redis_script::leave_notice), "1", layout_.notices(driver_of_(k)), k.str()});
      break;
    }
    default: out.add({"UNLINK", layout_.family(w.family)});
  }
}

void redis_writer::answer(const task& t, const redisReply& reply) {
  const std::size_t position = t.positions.front();
  const write& w = writes_[position];
  if (t.positions.size() > 1) {
    for (std::size_t i = 0; i + 1 < reply.elements; i += 2) {
      const auto which = static_cast<std::size_t>(reply.element[i]->integer - 1);
      outcomes_[t.positions.at(which)] = {false, bytes(text_of(*reply.element[i + 1]))};
    }
  } else if (t.kind == task::what::reads_back || (is_once(w.kind) && w.value.empty())) {
    if (!is_nil(reply)) {
      outcomes_[position] = {false, bytes(text_of(reply))};
    } else if (t.kind == task::what::reads_back) {
      throw error(errc::store_unavailable, servers_.settings().describe() + ": a record was dropped in the middle");
    }
  } else if (w.kind == write::what::add_root) {
    const bool driven_by_another = !is_nil(reply) && text_of(reply) != layout_.driver;
    if (t.kind == task::what::writes && driven_by_another) listed_by_others_.push_back(position);
  } else if (is_once(w.kind) && reply.integer == 0) {
    lost_.push_back({t.positions, task::what::reads_back});
  }
}

}  // namespace banyan::detail
