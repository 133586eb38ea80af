#include "messages/checkpoint.hpp"

namespace banyan::detail {
namespace {

/// No msgpack value begins with it.
constexpr char with_part = '\xC1';

}  // namespace

bytes encode_checkpoint(std::uint64_t part, const bytes& state) {
  if (part == 0) return state;
  return with_part + encode(part) + state;
}

checkpoint_record decode_checkpoint(const bytes& data) {
  if (data.empty() || data.front() != with_part) return {0, data};
  try {
    std::size_t at = 1;
    const msgpack::object_handle part = msgpack::unpack(data.data(), data.size(), at);
    return {part->as<std::uint64_t>(), data.substr(at)};
  } catch (const std::exception& e) {
    throw error(errc::corrupt_record, std::string("a checkpoint cannot be read: ") + e.what());
  }
}

}  // namespace banyan::detail
