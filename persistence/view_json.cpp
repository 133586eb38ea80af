#include "persistence/view_json.hpp"

#include <chrono>
#include <cstdio>

#include "messages/json.hpp"
#include "persistence/tree_walk.hpp"

namespace banyan::detail {
namespace {

void write_error(json_writer& out, const error_info& info) {
  out.begin_object().name("code").string(to_string(info.code)).name("message").string(info.message);
  if (!info.function.empty()) out.name("function").string(info.function);
  if (info.origin) out.name("origin").string(info.origin->str());
  out.end_object();
}

void write_time(json_writer& out, std::string_view name, millis t) {
  if (t == 0) {
    out.name(name).null();
  } else {
    out.name(name).string(iso_time(t));
  }
}

void write_times(json_writer& out, const future_view& v, millis now) {
  write_time(out, "created", v.created);
  if (v.start_at != 0) write_time(out, "start_at", v.start_at);
  write_time(out, "started", v.started);
  write_time(out, "finished", v.finished);
  out.name("runtime");
  if (const auto runtime = runtime_of(v, now)) {
    out.real(static_cast<double>(*runtime) / 1000);
  } else {
    out.null();
  }
}

void write_queue(json_writer& out, const future_view& v) {
  if (!v.queue.empty()) out.name("queue").string(v.queue);
  if (!v.queue_key.empty()) out.name("queue_key").string(v.queue_key);
  if (v.priority) out.name("priority").number(std::int64_t{*v.priority});
}

void write_ending(json_writer& out, const future_view& v) {
  if (v.status == status::success) {
    out.name("result");
    write_payload(out, v.value);
  } else if (is_final(v.status)) {
    out.name("error");
    write_error(out, v.failure);
  } else if (v.damage) {
    out.name("error");
    write_error(out, *v.damage);
  }
}

void write_attempts(json_writer& out, const future_view& v) {
  out.name("attempts").number(std::uint64_t{v.attempt});
  if (v.failed_attempts.empty()) return;
  out.name("failed_attempts").begin_array();
  for (const error_info& info : v.failed_attempts) write_error(out, info);
  out.end_array();
}

void write_known(json_writer& out, bool known, double number) { known ? out.real(number) : out.null(); }

void write_progress(json_writer& out, const progress& p) {
  write_known(out.name("progress"), p.known(), p.fraction());
  out.name("local_progress").real(p.local).name("calculated_progress").real(p.calculated);
  write_known(out.name("weight"), p.known(), p.weight);
}

class json_visitor final : public tree_visitor {
 public:
  json_visitor(millis now, const text_sink& sink) : now_(now), sink_(sink) {}

  void enter(const future_view& v, const place& at) override {
    out_.begin_object();
    write_view(out_, v, now_);
    if (at.open) out_.name("children").begin_array();
  }

  void leave(const place& at) override {
    constexpr std::size_t piece = 64 << 10;
    if (at.open) out_.end_array();
    out_.end_object();
    if (out_.text().size() >= piece || at.depth == 0) sink_(out_.take());
  }

 private:
  const millis now_;
  const text_sink& sink_;
  json_writer out_;
};

}  // namespace

void write_view(json_writer& out, const future_view& v, millis now) {
  out.name("key").string(v.key.str());
  if (v.parent) out.name("parent").string(v.parent->str());
  out.name("name").string(v.name).name("function").string(v.function);
  if (v.version > 1) out.name("version").number(std::uint64_t(v.version));
  if (v.promise) out.name("promise").boolean(true);
  out.name("level").number(std::uint64_t{v.level});
  out.name("status").string(to_string(v.status)).name("settled").boolean(v.settled);
  if (!v.parked.empty()) out.name("parked").string(v.parked);
  write_queue(out, v);
  write_times(out, v, now);
  write_ending(out, v);
  write_progress(out, v.progress);
  write_attempts(out, v);
  if (v.damage) {
    out.name("damage");
    write_error(out, *v.damage);
  }
  if (v.handlers.empty()) return;
  out.name("handlers").begin_array();
  for (const future_view& call : v.handlers) {
    out.begin_object();
    write_view(out, call, now);
    out.end_object();
  }
  out.end_array();
}

std::string iso_time(millis t) {
  using namespace std::chrono;
  constexpr millis begin_of_year_1 = -62'135'596'800'000;
  constexpr millis end_of_year_9999 = 253'402'300'799'999;
  if (t < begin_of_year_1 || t > end_of_year_9999) return std::to_string(t);
  const sys_time<milliseconds> time{milliseconds(t)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

bool view_json(view_source& source, const key& k, std::size_t max_depth, millis now, const text_sink& sink) {
  json_visitor visitor(now, sink);
  return walk_tree(source, k, max_depth, visitor);
}

}  // namespace banyan::detail
