#include <map>

#include "messages/handlers.hpp"
#include "messages/record.hpp"
#include "messages/record_reader.hpp"

namespace banyan::detail {
namespace {

using std::chrono::milliseconds;

milliseconds read_delay(record_reader& r, std::string_view field) {
  return milliseconds(r.number<std::int64_t>(field));
}

void pack_retry(msgpack::packer<bytes_sink>& p, const retry_policy& retry) {
  p.pack_array(6);
  p.pack(retry.max_attempts).pack(retry.first_delay.count()).pack(retry.factor).pack(retry.max_delay.count());
  p.pack(retry.jitter).pack(retry.child_failures);
}

retry_policy read_retry(record_reader r) {
  retry_policy retry;
  retry.max_attempts = r.number<unsigned>("retry attempts");
  retry.first_delay = read_delay(r, "retry delay");
  retry.factor = r.real("retry factor");
  retry.max_delay = read_delay(r, "retry limit");
  retry.jitter = r.real("retry jitter");
  retry.child_failures = r.boolean("retry of child failures");
  return retry;
}

void pack_budget(msgpack::packer<bytes_sink>& p, const budget& b) {
  p.pack_array(3);
  for (const std::int64_t limit : {b.descendants, b.depth, b.bytes}) {
    limit == budget::unlimited ? p.pack_nil() : p.pack(limit);
  }
}

budget read_budget(record_reader r) {
  budget b;
  for (std::int64_t* const limit : {&b.descendants, &b.depth, &b.bytes}) {
    if (!r.skip_nil()) *limit = r.number<std::int64_t>("limit of a budget");
  }
  return b;
}

void pack_handler(msgpack::packer<bytes_sink>& p, handler_event e, const handler_call& h) {
  p.pack_array(3);
  p.pack(static_cast<unsigned>(e));
  pack_retry(p, h.retry);
  pack_call(p, h.call);
}

recorded_handler read_handler(record_reader r) {
  recorded_handler h;
  h.event = static_cast<handler_event>(r.number<std::uint8_t>("handler event", 4));
  h.call.retry = read_retry(r.nested("handler retry"));
  try {
    h.call.call = unpack_call(r.next("handler"));
  } catch (const msgpack::type_error&) {
    r.corrupt("a handler is no call");
  }
  return h;
}

void read_handlers(options& opts, record_reader list) {
  std::map<handler_event, std::vector<handler>> all;
  while (!list.at_end()) {
    recorded_handler h = read_handler(list.nested("handler"));
    all[h.event].emplace_back(std::move(h.call));
  }
  for (auto& [event, called] : all) handlers_for(opts, event) = handlers(std::move(called));
}

}  // namespace

const options& spec_record::settings() const {
  static const options defaults;
  return opts ? *opts : defaults;
}

bytes encode_handler(handler_event e, const handler_call& h) {
  bytes_sink sink;
  msgpack::packer<bytes_sink> p(sink);
  pack_handler(p, e, h);
  return std::move(sink.data);
}

recorded_handler decode_handler(std::string_view data) {
  msgpack::zone zone(zone_chunk);
  return read_handler(record_reader(parse_payload(data, zone, default_max_depth), "handler"));
}

void pack_options(msgpack::packer<bytes_sink>& p, const options* opts) {
  if (!opts) {
    p.pack_nil();
    return;
  }
  const std::vector<event_handler> handlers = handlers_of(*opts);
  const bool budgeted = opts->budget.limits();
  const bool queued = budgeted || !opts->queue.empty() || opts->priority;
  p.pack_array(budgeted ? 16 : queued ? 15 : handlers.empty() ? 11 : 12);
  p.pack(opts->name.str());
  opts->weight ? p.pack(*opts->weight) : p.pack_nil();
  pack_retry(p, opts->retry);
  opts->timeout ? p.pack(opts->timeout->count()) : p.pack_nil();
  p.pack(static_cast<unsigned>(opts->on_parent_done));
  opts->keep ? p.pack(static_cast<unsigned>(*opts->keep)) : p.pack_nil();
  p.pack(opts->durable).pack(opts->blocking);
  opts->retention ? p.pack(opts->retention->count()) : p.pack_nil();
  p.pack(static_cast<unsigned>(opts->placement.how)).pack(opts->placement.name.str());
  if (!queued && handlers.empty()) return;
  p.pack_array(static_cast<std::uint32_t>(handlers.size()));
  for (const event_handler& h : handlers) pack_handler(p, h.event, *h.call);
  if (!queued) return;
  p.pack(opts->queue.str()).pack(opts->queue_key.str());
  opts->priority ? p.pack(*opts->priority) : p.pack_nil();
  if (budgeted) pack_budget(p, opts->budget);
}

std::shared_ptr<const options> read_options(record_reader& r) {
  if (r.skip_nil()) return nullptr;
  record_reader o = r.nested("options");
  auto opts = std::make_shared<options>();
  opts->name = o.text("name");
  if (!o.skip_nil()) opts->weight = o.real("weight");
  opts->retry = read_retry(o.nested("retry"));
  if (!o.skip_nil()) opts->timeout = read_delay(o, "timeout");
  opts->on_parent_done = static_cast<on_parent_done>(o.number<std::uint8_t>("on_parent_done", 2));
  if (!o.skip_nil()) opts->keep = static_cast<keep>(o.number<std::uint8_t>("keep", 2));
  opts->durable = o.boolean("durable");
  opts->blocking = o.boolean("blocking");
  if (!o.at_end() && !o.skip_nil()) opts->retention = std::chrono::seconds(o.number<std::int64_t>("retention"));
  if (!o.at_end()) opts->placement.how = static_cast<placement::kind>(o.number<std::uint8_t>("placement", 4));
  if (!o.at_end()) opts->placement.name = o.text("place");
  if (!o.at_end()) read_handlers(*opts, o.nested("handlers"));
  if (!o.at_end()) opts->queue = o.text("queue");
  if (!o.at_end()) opts->queue_key = o.text("queue key");
  if (!o.at_end() && !o.skip_nil()) opts->priority = o.number<int>("priority");
  if (!o.at_end()) opts->budget = read_budget(o.nested("budget"));
  return opts;
}

}  // namespace banyan::detail
