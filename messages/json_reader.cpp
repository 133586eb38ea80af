#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "messages/json.hpp"

namespace banyan::detail {
namespace {

using nlohmann::json;

/// nlohmann's messages begin with "[json.exception.parse_error.101] ".
std::string without_tag(std::string_view message) {
  const std::size_t end = message.find("] ");
  return std::string(message.starts_with('[') && end != std::string_view::npos ? message.substr(end + 2) : message);
}

/// Packs a value as it is parsed. The elements of an open array or map gather in a buffer of their own, because msgpack
/// says their number first.
class packing_handler : public json::json_sax_t {
 public:
  packing_handler() { open_.emplace_back(); }

  bytes take() { return std::move(open_.front().sink.data); }

  bool null() override { return put(msgpack::type::nil_t()); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(v); }
  bool number_unsigned(number_unsigned_t v) override { return put(v); }
  bool string(string_t& v) override { return put(v); }
  bool binary(binary_t&) override { return false; }

  bool number_float(number_float_t v, const string_t& text) override {
    if (text.find_first_of(".eE") == string_t::npos) refuse("the integer " + text + " takes more than 64 bits");
    return put(v);
  }

  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }

  bool key(string_t& name) override {
    if (!open_.back().names.insert(name).second)
      refuse("the name " + json(name).dump() + " occurs twice in one object");
    msgpack::pack(open_.back().sink, name);
    return true;
  }

  bool end_object() override {
    return close([](auto& packer, std::uint32_t n) { packer.pack_map(n); });
  }
  bool end_array() override {
    return close([](auto& packer, std::uint32_t n) { packer.pack_array(n); });
  }

  bool parse_error(std::size_t, const std::string&, const json::exception& e) override {
    refuse("malformed JSON: " + without_tag(e.what()));
  }

 private:
  struct container {
    bytes_sink sink;
    std::uint32_t size = 0;
    std::set<std::string> names;
  };

  [[noreturn]] static void refuse(const std::string& why) { throw error(errc::bad_payload, why); }

  template <class T>
  bool put(const T& value) {
    msgpack::pack(open_.back().sink, value);
    ++open_.back().size;
    return true;
  }

  bool open() {
    if (open_.size() > default_max_depth) {
      refuse("the value nests deeper than " + std::to_string(default_max_depth) + " levels");
    }
    open_.emplace_back();
    return true;
  }

  template <class PackSize>
  bool close(PackSize pack_size) {
    const container inner = std::move(open_.back());
    open_.pop_back();
    container& outer = open_.back();
    msgpack::packer<bytes_sink> packer(outer.sink);
    pack_size(packer, inner.size);
    outer.sink.data += inner.sink.data;
    ++outer.size;
    return true;
  }

  std::vector<container> open_;
};

}  // namespace

bytes json_to_payload(std::string_view text) {
  packing_handler handler;
  json::sax_parse(text, &handler);
  return handler.take();
}

}  // namespace banyan::detail
