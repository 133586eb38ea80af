#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <banyan/codec.hpp>
#include <banyan/options.hpp>

namespace banyan::detail {

/// Reads the fields of a record one after the other. What does not fit throws `error` (`corrupt_record`)
/// that names the record and the field. Fields that a later version appends are left unread.
class record_reader {
 public:
  record_reader(const msgpack::object& array, std::string_view record);

  std::string text(std::string_view field) { return std::string(raw(field, msgpack::type::STR)); }
  bytes binary(std::string_view field) { return bytes(raw(field, msgpack::type::BIN)); }
  key key_text(std::string_view field);
  bool boolean(std::string_view field);
  double real(std::string_view field);

  /// An integer from the smallest value of T to `max`.
  template <class T>
  T number(std::string_view field, T max = std::numeric_limits<T>::max()) {
    const msgpack::object& o = next(field);
    try {
      if (const T v = o.as<T>(); v <= max) return v;
    } catch (const msgpack::type_error&) {
    }
    corrupt(std::string(field) + " is not a number in its range");
  }

  /// Takes the next field if it is nil.
  bool skip_nil();
  bool at_end() const { return position_ == size_; }
  bool at_array() const { return !at_end() && fields_[position_].type == msgpack::type::ARRAY; }
  record_reader nested(std::string_view field);
  const msgpack::object& next(std::string_view field);

  [[noreturn]] void corrupt(const std::string& why) const;

 private:
  std::string_view raw(std::string_view field, msgpack::type::object_type type);

  const msgpack::object* fields_ = nullptr;
  std::size_t size_ = 0;
  std::size_t position_ = 0;
  std::string_view record_;
};

/// A parsed record. The readers refer into it and into `data`.
class record_document {
 public:
  record_document(std::string_view data, std::string_view record);

  /// The fields after the version, which has been checked.
  record_reader fields() const { return fields_; }

 private:
  msgpack::zone zone_;
  record_reader fields_;
};

void pack_options(msgpack::packer<bytes_sink>& p, const options* opts);
std::shared_ptr<const options> read_options(record_reader& r);

}  // namespace banyan::detail
