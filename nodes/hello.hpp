#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/codec.hpp>

#include "actors/function_registry.hpp"
#include "messages/record.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// What a node says of itself in the store, where the others find it.
struct node_card {
  std::string version;         ///< of Banyan
  std::uint32_t protocol = 0;  ///< of what nodes say to each other; only equals work together
  std::uint32_t records = 0;   ///< version of the records; only equals work together
  std::string address;         ///< `HOST:PORT` to be reached at
  std::vector<std::string> roles;
  millis since = 0;
  std::uint64_t running = 0;
  std::uint64_t pending = 0;
};

/// This program's.
node_card own_card();

bytes encode_card(const node_card& card);
/// Throws `error` (`corrupt_record`). Of a later protocol it reads what tells that it is one.
node_card decode_card(std::string_view data);

/// Why two nodes cannot work together; empty: they can. `name` is that of the other.
std::string difference(const node_card& own, const node_card& other, std::string_view name);

/// What nodes tell each other when they connect.
struct node_hello {
  std::string name;
  incarnation_id incarnation = 0;
  node_card card;
  std::vector<function_version> functions;  ///< that it knows
  std::vector<std::string> queues;          ///< in which its futures may wait
};

bytes encode_hello(const node_hello& hello);
/// Throws `error` (`corrupt_record`).
node_hello decode_hello(std::string_view data);

}  // namespace banyan::detail
