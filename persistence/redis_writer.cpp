#include "persistence/redis_writer.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

/// A script's call takes twice as many values; Lua sets a limit to them.
constexpr std::size_t most_specs_in_one = 1000;

bool can_share_a_command(const write& w) {
  return (w.kind == write::what::spec || w.kind == write::what::header) && !w.value.empty();
}

}  // namespace

redis_writer::redis_writer(redis_servers& servers, const redis_layout& layout, const redis_scripts& scripts,
                           redis_notices& notices, std::function<void()> before_send)
    : servers_(servers), layout_(layout), phrases_(layout, scripts, notices), before_send_(std::move(before_send)) {
  if (!servers_.cluster()) lanes_.resize(servers_.settings().connections);
}

redis_writer::stage redis_writer::stage_of(const write& w) {
  switch (w.kind) {
    case write::what::add_root:
    case write::what::claim_root:
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
    } else if (w.kind == write::what::home) {
      // Who is at home there is known before what it may run.
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
  try {
    for (const task& t : tasks) {
      const std::size_t number = lane_of(t);
      lane& l = connected(number);
      if (l.sent.empty()) used.push_back(number);
      phrase(l.out, t);
      l.sent.push_back(&t);
      if (l.out.text().size() >= enough_to_send) send(l);
    }
    for (const std::size_t number : used) send(lanes_[number]);
    if (meanwhile_) (*std::exchange(meanwhile_, nullptr))();
    for (const std::size_t number : used) receive(lanes_[number]);
  } catch (const error& e) {
    give_up(used);
    // Who may not write any more does not wait for servers that may be lost.
    if (e.code() != errc::store_fenced) servers_.look_again();
    throw;
  } catch (...) {
    give_up(used);
    throw;
  }
}

void redis_writer::send(lane& l) const {
  if (before_send_) before_send_();
  l.connection->send(l.out);
  l.out.clear();
}

void redis_writer::give_up(std::span<const std::size_t> used) {
  // Replies that are not awaited would be taken for later ones.
  for (const std::size_t number : used) {
    lane& l = lanes_[number];
    l.connection.reset();
    l.out.clear();
    l.sent.clear();
  }
  forget_leftovers();
  if (meanwhile_) (*std::exchange(meanwhile_, nullptr))();
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
  phrase(commands, t);
  if (before_send_) before_send_();
  c->send(commands);
  c->expect(*c->receive());
  const redis_reply reply = c->receive();
  c->expect(*reply);
  answer(t, *reply);
}

std::size_t redis_writer::lane_of(const task& t) {
  const write& w = first_of(t);
  if (!servers_.cluster()) return stage_of(w) == stage::records ? std::hash<family_id>()(w.family) % lanes_.size() : 0;
  const redis_place where = servers_.place_of(phrases_.key_of(w));
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

void redis_writer::phrase(redis_commands& out, const task& t) const {
  if (t.positions.size() > 1) {
    phrases_.put_new(out, writes_, t.positions);
  } else if (t.kind == task::what::claims) {
    phrases_.claim(out, first_of(t));
  } else if (t.kind == task::what::reads_back) {
    phrases_.read_back(out, first_of(t));
  } else {
    phrases_.add(out, first_of(t));
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
  } else if (t.kind == task::what::reads_back || (is_once(w) && w.value.empty())) {
    if (!is_nil(reply)) {
      outcomes_[position] = {false, bytes(text_of(reply))};
    } else if (t.kind == task::what::reads_back) {
      throw error(errc::store_unavailable, servers_.settings().describe() + ": a record was dropped in the middle");
    }
  } else if (w.kind == write::what::add_root) {
    const bool driven_by_another = !is_nil(reply) && text_of(reply) != layout_.driver;
    if (t.kind == task::what::writes && driven_by_another) listed_by_others_.push_back(position);
  } else if (is_once(w) && reply.integer == 0) {
    lost_.push_back({t.positions, task::what::reads_back});
  }
}

}  // namespace banyan::detail
