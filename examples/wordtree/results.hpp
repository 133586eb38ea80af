#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <banyan/codec.hpp>

#include "examples/wordtree/word_list.hpp"

namespace wordtree {

/// Bytes that are no text: they travel as msgpack binary.
struct blob {
  std::string data;

  template <class Packer>
  void msgpack_pack(Packer& p) const {
    p.pack_bin(static_cast<std::uint32_t>(data.size()));
    p.pack_bin_body(data.data(), static_cast<std::uint32_t>(data.size()));
  }
  void msgpack_unpack(const msgpack::object& o) {
    if (o.type != msgpack::type::BIN) throw msgpack::type_error();
    data.assign(o.via.bin.ptr, o.via.bin.size);
  }
};

/// A number that this process has for itself.
std::uint64_t this_process();

/// How many futures there are from one down to its leaves, and how many of them the process ran whose result it is.
/// Since results say it, a parent knows which of its children's were taken from the record.
struct census {
  std::uint64_t futures = 1;
  std::uint64_t run = 1;
  std::uint64_t process = this_process();

  void add(const census& child);
  /// How many of the futures this process did not run.
  std::uint64_t resumed() const { return process == this_process() ? futures - run : futures; }

  MSGPACK_DEFINE_ARRAY(futures, run, process)
};

/// What the first pass knows of a directory.
struct measured {
  bool readable = true;
  std::uint64_t bytes = 0;
  blob inventory;
  wordtree::census census;

  MSGPACK_DEFINE_ARRAY(readable, bytes, inventory, census)
};

/// What was counted in a directory, a file, or a part of one.
struct tally {
  std::uint64_t files = 0;
  std::uint64_t skipped = 0;
  std::uint64_t bytes = 0;
  blob words;       ///< a word list
  std::string why;  ///< the first reason for which a part of a file was skipped
  wordtree::census census;

  /// Adds all of `part` but its words.
  void add(const tally& part);

  MSGPACK_DEFINE_ARRAY(files, skipped, bytes, words, why, census)
};

/// The result of the whole job.
struct summary {
  std::uint64_t files = 0;
  std::uint64_t skipped = 0;
  std::uint64_t bytes = 0;
  std::uint64_t words = 0;
  std::uint64_t distinct = 0;
  std::vector<counted_word> top;
  wordtree::census census;

  MSGPACK_DEFINE_MAP(files, skipped, bytes, words, distinct, top, census)
};

}  // namespace wordtree
