#include "messages/record.hpp"

#include <algorithm>

#include "messages/record_reader.hpp"

namespace banyan::detail {
namespace {

using sink_packer = msgpack::packer<bytes_sink>;

/// Starts a record: an array of `fields` elements of which the first is the format version.
void begin(sink_packer& p, std::uint32_t fields) {
  p.pack_array(fields);
  p.pack(record_version);
}

void pack_bin(sink_packer& p, std::string_view data) {
  p.pack_bin(static_cast<std::uint32_t>(data.size()));
  p.pack_bin_body(data.data(), static_cast<std::uint32_t>(data.size()));
}

void pack_error(sink_packer& p, const error_info& info) {
  p.pack_array(4);
  p.pack(static_cast<unsigned>(info.code)).pack(info.message).pack(info.function);
  if (info.origin) {
    p.pack(*info.origin);
  } else {
    p.pack_nil();
  }
}

error_info read_error(record_reader r) {
  error_info info;
  info.code = static_cast<errc>(r.number<std::uint8_t>("error code"));
  info.message = r.text("error message");
  info.function = r.text("error function");
  if (!r.skip_nil()) info.origin = r.key_text("error origin");
  return info;
}

void pack_progress(sink_packer& p, const progress& gauge) {
  p.pack(gauge.local).pack(gauge.calculated).pack(gauge.weight);
}

progress read_progress(record_reader& r) {
  progress gauge;
  gauge.local = r.real("local progress");
  gauge.calculated = r.real("calculated progress");
  gauge.weight = r.real("weight");
  return gauge;
}

}  // namespace

std::string_view to_string(step_kind kind) {
  switch (kind) {
    case step_kind::run: return "run";
    case step_kind::now: return "now";
    case step_kind::random: return "random";
    case step_kind::uuid: return "uuid";
    case step_kind::sleep: return "sleep";
    case step_kind::choice: return "choice";
    case step_kind::receive: return "receive";
    case step_kind::refused: return "refused";
  }
  return "unknown step";
}

std::string to_string(const function_ref& f) {
  std::string text(f.name);
  if (f.version > 1) text += " (version " + std::to_string(f.version) + ")";
  return text;
}

outcome_ptr outcome_of(result_record r) {
  switch (r.outcome) {
    case status::success: return make_success(std::move(r.value));
    case status::cancelled: return make_cancelled(std::move(r.failure));
    default: return make_failure(std::move(r.failure));
  }
}

bytes encode_step(const step_record& step) {
  bytes_sink sink;
  sink_packer p(sink);
  begin(p, 5);
  p.pack(static_cast<unsigned>(entry_kind::step)).pack(static_cast<unsigned>(step.kind)).pack(step.name);
  pack_bin(p, step.answer);
  return std::move(sink.data);
}

bytes encode_signal(const signal_record& signal) {
  bytes_sink sink;
  sink_packer p(sink);
  begin(p, 6);
  p.pack(static_cast<unsigned>(entry_kind::signal)).pack(signal.to).pack(signal.name).pack(signal.id);
  pack_bin(p, signal.value);
  return std::move(sink.data);
}

namespace {

signal_record read_signal(record_reader& r) {
  signal_record s;
  s.to = r.key_text("receiver");
  s.name = r.text("signal name");
  s.id = r.text("id of a signal");
  s.value = r.binary("value");
  return s;
}

/// Nil; its key; or an array of that and of where to stop.
void pack_predecessor(sink_packer& p, const predecessor* replaces) {
  if (!replaces) {
    p.pack_nil();
  } else if (!replaces->until) {
    p.pack(replaces->what);
  } else {
    p.pack_array(2);
    p.pack(replaces->what).pack(*replaces->until);
  }
}

std::optional<predecessor> read_predecessor(record_reader& r) {
  if (r.skip_nil()) return std::nullopt;
  if (!r.at_array()) return r.key_text("replaced future");
  record_reader pair = r.nested("replaced future");
  const key what = pair.key_text("replaced future");
  return predecessor(what, pair.key_text("where it is forked"));
}

bytes encode_child(entry_kind kind, const function_ref& function, std::string_view arguments, millis created,
                   millis start_at, const options* opts, const predecessor* replaces) {
  bytes_sink sink;
  sink_packer p(sink);
  const bool versioned = function.version != 1;
  begin(p, versioned ? 9 : 8);
  p.pack(static_cast<unsigned>(kind)).pack(function.name);
  pack_bin(p, arguments);
  p.pack(created).pack(start_at);
  pack_options(p, opts);
  pack_predecessor(p, replaces);
  if (versioned) p.pack(function.version);
  return std::move(sink.data);
}

}  // namespace

bytes encode_spec(const spec_record& spec) {
  return encode_child(spec.kind, spec.called(), spec.arguments, spec.created, spec.start_at, spec.opts.get(),
                      spec.replaces ? &*spec.replaces : nullptr);
}

bytes encode_call(const function_ref& function, std::string_view arguments, millis created, millis start_at,
                  const options* opts, const predecessor* replaces) {
  return encode_child(entry_kind::call, function, arguments, created, start_at, opts, replaces);
}

bytes encode_result(const result_record& result) {
  bytes_sink sink;
  sink_packer p(sink);
  begin(p, 10);
  p.pack(static_cast<unsigned>(result.outcome));
  if (result.outcome == status::success) {
    pack_bin(p, result.value);
  } else {
    pack_error(p, result.failure);
  }
  p.pack(result.settled).pack(result.started).pack(result.finished).pack(result.attempts);
  pack_progress(p, result.gauge);
  return std::move(sink.data);
}

progress progress_of_success(progress p) {
  if (!p.known()) p.weight = p.calculated > 0 ? p.calculated : 1;
  p.calculated = std::max(p.calculated, p.weight);
  p.done = true;
  return p;
}

bytes encode_gauge(const gauge_record& gauge) {
  bytes_sink sink;
  sink_packer p(sink);
  begin(p, 9);
  p.pack(static_cast<unsigned>(gauge.status));
  pack_progress(p, gauge.gauge);
  p.pack(gauge.started).pack(gauge.updated).pack(gauge.settled).pack(gauge.parked);
  return std::move(sink.data);
}

bytes encode_error(const error_info& info) {
  bytes_sink sink;
  sink_packer p(sink);
  begin(p, 2);
  pack_error(p, info);
  return std::move(sink.data);
}

bytes encode_header(const family_header& header) {
  bytes_sink sink;
  sink_packer p(sink);
  const bool versioned = header.version != any_version;
  begin(p, versioned ? 5 : 4);
  p.pack(header.parent).pack(header.attempt).pack(header.level);
  if (versioned) p.pack(header.version);
  return std::move(sink.data);
}

entry decode_entry(std::string_view data) {
  record_document doc(data, "spec");
  record_reader r = doc.fields();
  entry e;
  e.kind = static_cast<entry_kind>(r.number<std::uint8_t>("kind", 3));
  if (e.kind == entry_kind::step) {
    e.step.kind = static_cast<step_kind>(r.number<std::uint8_t>("step kind", 7));
    e.step.name = r.text("step name");
    e.step.answer = r.binary("answer");
    return e;
  }
  if (e.kind == entry_kind::signal) {
    e.signal = read_signal(r);
    return e;
  }
  e.spec.kind = e.kind;
  e.spec.function = r.text("function");
  e.spec.arguments = r.binary("arguments");
  e.spec.created = r.number<millis>("created");
  e.spec.start_at = r.number<millis>("start time");
  e.spec.opts = read_options(r);
  e.spec.replaces = read_predecessor(r);
  if (!r.at_end()) e.spec.version = r.number<std::uint32_t>("version of the function");
  return e;
}

result_record decode_result(std::string_view data) {
  record_document doc(data, "result");
  record_reader r = doc.fields();
  result_record result;
  result.outcome = static_cast<status>(r.number<std::uint8_t>("outcome", 5));
  if (!is_final(result.outcome)) r.corrupt("outcome is not final");
  if (result.outcome == status::success) {
    result.value = r.binary("value");
  } else {
    result.failure = read_error(r.nested("error"));
  }
  result.settled = r.boolean("settled");
  result.started = r.number<millis>("started");
  result.finished = r.number<millis>("finished");
  result.attempts = r.number<std::uint32_t>("attempts");
  result.gauge = read_progress(r);
  return result;
}

gauge_record decode_gauge(std::string_view data) {
  record_document doc(data, "gauge");
  record_reader r = doc.fields();
  gauge_record gauge;
  gauge.status = static_cast<banyan::status>(r.number<std::uint8_t>("status", 5));
  gauge.gauge = read_progress(r);
  gauge.started = r.number<millis>("started");
  gauge.updated = r.number<millis>("updated");
  gauge.settled = r.boolean("settled");
  gauge.parked = r.text("parked");
  return gauge;
}

error_info decode_error(std::string_view data) {
  record_document doc(data, "attempt");
  record_reader r = doc.fields();
  return read_error(r.nested("error"));
}

family_header decode_header(std::string_view data) {
  record_document doc(data, "family header");
  record_reader r = doc.fields();
  family_header header;
  header.parent = r.key_text("parent");
  header.attempt = r.number<std::uint32_t>("attempt");
  header.level = r.number<std::uint32_t>("level");
  if (!r.at_end()) header.version = r.number<std::uint32_t>("version of the function");
  return header;
}

}  // namespace banyan::detail
