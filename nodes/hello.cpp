#include "nodes/hello.hpp"

#include <banyan/version.hpp>

#include "messages/record_reader.hpp"

namespace banyan::detail {
namespace {

constexpr std::uint32_t protocol_version = 3;
constexpr std::size_t most_depth = 4;

using packer = msgpack::packer<bytes_sink>;

void pack_names(packer& p, const std::vector<std::string>& names) {
  p.pack_array(static_cast<std::uint32_t>(names.size()));
  for (const std::string& name : names) p.pack(name);
}

std::vector<std::string> read_names(record_reader r) {
  std::vector<std::string> names;
  while (!r.at_end()) names.push_back(r.text("name"));
  return names;
}

void pack_functions(packer& p, const std::vector<function_version>& functions) {
  p.pack_array(static_cast<std::uint32_t>(2 * functions.size()));
  for (const function_version& f : functions) p.pack(f.name).pack(f.version);
}

std::vector<function_version> read_functions(record_reader r) {
  std::vector<function_version> functions;
  while (!r.at_end()) {
    std::string name = r.text("function");
    functions.push_back({std::move(name), r.number<std::uint32_t>("version of a function")});
  }
  return functions;
}

void pack_card(packer& p, const node_card& card) {
  p.pack_array(8);
  p.pack(card.protocol).pack(card.version).pack(card.records).pack(card.address);
  pack_names(p, card.roles);
  p.pack(card.since).pack(card.running).pack(card.pending);
}

node_card read_card(record_reader r) {
  node_card card;
  card.protocol = r.number<std::uint32_t>("protocol");
  card.version = r.text("version");
  if (card.protocol != protocol_version) return card;
  card.records = r.number<std::uint32_t>("records");
  card.address = r.text("address");
  card.roles = read_names(r.nested("roles"));
  card.since = r.number<millis>("since");
  card.running = r.number<std::uint64_t>("running");
  card.pending = r.number<std::uint64_t>("pending");
  return card;
}

msgpack::object parse(std::string_view data, msgpack::zone& zone) {
  try {
    return parse_payload(data, zone, most_depth);
  } catch (const error& e) {
    throw error(errc::corrupt_record, "what a node says of itself cannot be read: " + e.message());
  }
}

}  // namespace

node_card own_card() {
  node_card card;
  card.version = std::to_string(BANYAN_VERSION_MAJOR) + "." + std::to_string(BANYAN_VERSION_MINOR) + "." +
                 std::to_string(BANYAN_VERSION_PATCH);
  card.protocol = protocol_version;
  card.records = record_version;
  return card;
}

bytes encode_card(const node_card& card) {
  bytes_sink sink;
  packer p(sink);
  pack_card(p, card);
  return std::move(sink.data);
}

node_card decode_card(std::string_view data) {
  msgpack::zone zone(zone_chunk);
  return read_card(record_reader(parse(data, zone), "node"));
}

std::string difference(const node_card& own, const node_card& other, std::string_view name) {
  if (own.protocol == other.protocol && own.records == other.records) return {};
  const auto describe = [](const node_card& c) {
    return "Banyan " + c.version + " (protocol " + std::to_string(c.protocol) +
           (c.records == 0 ? ")" : ", records " + std::to_string(c.records) + ")");
  };
  return "the node " + std::string(name) + " is of " + describe(other) + ", this one of " + describe(own) +
         ": they do not work together";
}

bytes encode_hello(const node_hello& hello) {
  bytes_sink sink;
  packer p(sink);
  p.pack_array(5);
  pack_card(p, hello.card);
  p.pack(hello.name).pack(hello.incarnation);
  pack_functions(p, hello.functions);
  pack_names(p, hello.queues);
  return std::move(sink.data);
}

node_hello decode_hello(std::string_view data) {
  msgpack::zone zone(zone_chunk);
  record_reader r(parse(data, zone), "hello");
  node_hello hello;
  hello.card = read_card(r.nested("card"));
  hello.name = r.text("name");
  hello.incarnation = r.number<incarnation_id>("incarnation");
  hello.functions = read_functions(r.nested("functions"));
  hello.queues = read_names(r.nested("queues"));
  return hello;
}

}  // namespace banyan::detail
