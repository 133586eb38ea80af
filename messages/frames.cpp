#include "messages/frames.hpp"

#include <bit>

#include "messages/record.hpp"
#include "messages/record_reader.hpp"

namespace banyan::detail {
namespace {

using packer = msgpack::packer<bytes_sink>;

constexpr std::size_t length_bytes = 4;
constexpr std::uint8_t kinds = std::variant_size_v<frame>;
/// A spec's options hold what is nested most.
constexpr std::size_t most_depth = 8;

void pack_family(packer& p, const family_id& f) { p.pack(f.hi).pack(f.lo); }

void pack_key(packer& p, const key& k) {
  pack_family(p, k.family);
  p.pack(k.index);
}

void pack_bin(packer& p, std::string_view data) {
  p.pack_bin(static_cast<std::uint32_t>(data.size()));
  p.pack_bin_body(data.data(), static_cast<std::uint32_t>(data.size()));
}

/// A real number as its bits, so that nothing is lost.
std::uint64_t bits_of(double d) { return std::bit_cast<std::uint64_t>(d); }

/// An array that begins with the frame's kind.
void begin(packer& p, const frame& f, std::uint32_t fields) {
  p.pack_array(fields + 1);
  p.pack(static_cast<unsigned>(f.index()));
}

void pack_fields(packer& p, const frame& f, const place_frame& m) {
  begin(p, f, 16);
  pack_key(p, m.child);
  pack_key(p, m.parent);
  p.pack(m.attempt).pack(m.level);
  pack_family(p, m.root);
  p.pack(static_cast<unsigned>(m.keep)).pack(m.priority).pack(m.queues).pack(m.age).pack(m.again);
  pack_bin(p, m.spec);
}

void pack_fields(packer& p, const frame& f, const done_frame& m) {
  begin(p, f, 8);
  pack_key(p, m.child);
  p.pack(static_cast<unsigned>(m.result->status));
  pack_bin(p, m.result->ok() ? m.result->value : encode_error(*m.result->failure));
  p.pack(m.settled).pack(bits_of(m.calculated)).pack(bits_of(m.weight));
}

void pack_fields(packer& p, const frame& f, const progress_frame& m) {
  begin(p, f, 5);
  pack_key(p, m.child);
  p.pack(bits_of(m.calculated)).pack(bits_of(m.weight));
}

void pack_fields(packer& p, const frame& f, const stop_frame& m) {
  begin(p, f, 4);
  pack_key(p, m.child);
  pack_bin(p, encode_error(m.why));
}

void pack_fields(packer& p, const frame& f, const noticed_frame& m) {
  begin(p, f, 3);
  pack_key(p, m.future);
}

void pack_fields(packer& p, const frame& f, const load_frame& m) {
  begin(p, f, 2);
  p.pack(m.queued).pack(m.running);
}

void pack_fields(packer& p, const frame& f, const want_frame& m) {
  begin(p, f, 1);
  p.pack(m.count);
}

void pack_fields(packer& p, const frame& f, const drive_frame& m) {
  begin(p, f, 2);
  pack_family(p, m.root);
}

void pack_fields(packer& p, const frame& f, const halt_frame& m) {
  begin(p, f, 5);
  p.pack(m.wave);
  pack_key(p, m.future);
  pack_bin(p, encode_error(m.why));
}

void pack_fields(packer& p, const frame& f, const halted_frame& m) {
  begin(p, f, 4);
  p.pack(m.wave);
  pack_key(p, m.future);
}

void pack_fields(packer& p, const frame& f, const recorded_frame& m) {
  begin(p, f, 4);
  pack_key(p, m.child);
  p.pack(m.settled);
}

void pack_fields(packer& p, const frame& f, const wish_frame& m) {
  begin(p, f, 5);
  pack_key(p, m.child);
  p.pack(m.queue).pack(m.waits);
}

void pack_fields(packer& p, const frame& f, const refuse_frame& m) {
  begin(p, f, 4);
  pack_key(p, m.child);
  p.pack(m.queue);
}

template <class OfRound>
void pack_round(packer& p, const frame& f, const OfRound& m) {
  begin(p, f, 4);
  pack_key(p, m.child);
  p.pack(m.round);
}

void pack_fields(packer& p, const frame& f, const attach_frame& m) { pack_round(p, f, m); }

void pack_fields(packer& p, const frame& f, const absent_frame& m) { pack_round(p, f, m); }

/// Those that hold nothing but the child's key.
template <class OfChild>
void pack_fields(packer& p, const frame& f, const OfChild& m) {
  begin(p, f, 3);
  pack_key(p, m.child);
}

family_id read_family(record_reader& r) {
  const auto hi = r.number<std::uint64_t>("family");
  return {hi, r.number<std::uint64_t>("family")};
}

key read_key(record_reader& r) {
  const family_id family = read_family(r);
  return {family, r.number<std::uint64_t>("index")};
}

double read_real(record_reader& r) { return std::bit_cast<double>(r.number<std::uint64_t>("gauge")); }

place_frame read_place(record_reader& r) {
  place_frame m;
  m.child = read_key(r);
  m.parent = read_key(r);
  m.attempt = r.number<std::uint32_t>("attempt");
  m.level = r.number<std::uint32_t>("level");
  m.root = read_family(r);
  m.keep = static_cast<banyan::keep>(r.number<std::uint8_t>("keep", 2));
  m.priority = r.number<std::int32_t>("priority");
  record_reader queues = r.nested("queues");
  while (!queues.at_end()) m.queues.push_back(queues.text("queue"));
  m.age = r.number<std::int64_t>("age");
  m.again = r.boolean("again");
  m.spec = r.binary("spec");
  return m;
}

outcome_ptr read_outcome(record_reader& r) {
  const auto s = static_cast<status>(r.number<std::uint8_t>("outcome", 5));
  bytes body = r.binary("result");
  if (s == status::success) return make_success(std::move(body));
  if (!is_final(s)) r.corrupt("outcome is not final");
  return s == status::failure ? make_failure(decode_error(body)) : make_cancelled(decode_error(body));
}

done_frame read_done(record_reader& r) {
  done_frame m;
  m.child = read_key(r);
  m.result = read_outcome(r);
  m.settled = r.boolean("settled");
  m.calculated = read_real(r);
  m.weight = read_real(r);
  return m;
}

progress_frame read_progress(record_reader& r) {
  const key child = read_key(r);
  const double calculated = read_real(r);
  return {child, calculated, read_real(r)};
}

load_frame read_load(record_reader& r) {
  const auto queued = r.number<std::uint64_t>("queued");
  return {queued, r.number<std::uint64_t>("running")};
}

stop_frame read_stop(record_reader& r) {
  const key child = read_key(r);
  return {child, decode_error(r.binary("reason"))};
}

halt_frame read_halt(record_reader& r) {
  const auto wave = r.number<std::uint64_t>("wave");
  const key future = read_key(r);
  return {wave, future, decode_error(r.binary("reason"))};
}

halted_frame read_halted(record_reader& r) {
  const auto wave = r.number<std::uint64_t>("wave");
  return {wave, read_key(r)};
}

recorded_frame read_recorded(record_reader& r) {
  const key child = read_key(r);
  return {child, r.boolean("settled")};
}

wish_frame read_wish(record_reader& r) {
  const key child = read_key(r);
  std::string queue = r.text("queue");
  return {child, std::move(queue), r.boolean("waits")};
}

refuse_frame read_refuse(record_reader& r) {
  const key child = read_key(r);
  return {child, r.text("queue")};
}

template <class OfRound>
OfRound read_round(record_reader& r) {
  const key child = read_key(r);
  return {child, r.number<std::uint64_t>("round")};
}

frame read_fields(record_reader& r) {
  switch (r.number<std::uint8_t>("kind", kinds - 1)) {
    case 0: return read_place(r);
    case 1: return read_round<attach_frame>(r);
    case 2: return here_frame{read_key(r)};
    case 3: return read_round<absent_frame>(r);
    case 4: return read_done(r);
    case 5: return settled_frame{read_key(r)};
    case 6: return read_progress(r);
    case 7: return read_stop(r);
    case 8: return noticed_frame{read_key(r)};
    case 9: return read_load(r);
    case 10: return want_frame{r.number<std::uint32_t>("count")};
    case 11: return drive_frame{read_family(r)};
    case 12: return read_halt(r);
    case 13: return read_halted(r);
    case 14: return read_recorded(r);
    case 15: return read_wish(r);
    default: return read_refuse(r);
  }
}

frame read_frame(std::string_view data) {
  msgpack::zone zone(zone_chunk);
  record_reader r(parse_payload(data, zone, most_depth), "frame");
  return read_fields(r);
}

[[noreturn]] void reject(const std::string& why) {
  throw error(errc::bad_payload, "what another node sent is no batch of frames: " + why);
}

}  // namespace

void append_frame(bytes& to, const frame& f) {
  bytes_sink sink{std::move(to)};
  const std::size_t begin = sink.data.size();
  sink.data.append(length_bytes, '\0');
  packer p(sink);
  std::visit([&](const auto& m) { pack_fields(p, f, m); }, f);
  const std::size_t length = sink.data.size() - begin - length_bytes;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    sink.data[begin + i] = static_cast<char>(length >> (8 * (length_bytes - 1 - i)) & 0xff);
  }
  to = std::move(sink.data);
}

std::vector<frame> read_frames(std::string_view batch) {
  std::vector<frame> frames;
  while (!batch.empty()) {
    if (batch.size() < length_bytes) reject("it ends within a length");
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | static_cast<unsigned char>(batch[i]);
    batch.remove_prefix(length_bytes);
    if (length > batch.size()) reject("it ends within a frame");
    try {
      frames.push_back(read_frame(batch.substr(0, length)));
    } catch (const error& e) {
      reject(e.message());
    }
    batch.remove_prefix(length);
  }
  return frames;
}

}  // namespace banyan::detail
