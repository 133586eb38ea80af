#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wordtree {

/// A file or directory cannot be read; `what()` says why, without its name.
class file_error : public std::runtime_error {
 public:
  explicit file_error(int error_number);
  explicit file_error(const std::string& why) : std::runtime_error(why) {}
};

/// An open file or directory; closed at the end.
class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  int get() const { return fd_; }
  int release();

 private:
  int fd_;
};

/// Opens `path`, however long, but no symbolic link that its last name may be. Throws `file_error`.
descriptor open_path(std::string_view path, int flags);

enum class file_kind : char {
  file = 'f',
  directory = 'd',
  other = 'o',       ///< a symbolic link, a device, a socket, a pipe: not counted
  unreadable = 'u',  ///< cannot be looked at, or has gone
};

/// One name in a directory.
struct found_file {
  file_kind kind = file_kind::other;
  std::string name;
  std::uint64_t bytes = 0;  ///< of a file
};

/// What `path` is; never `unreadable`. Throws `file_error`. Symbolic links are not followed.
found_file look_at(const std::string& path);

/// The files and directories in a directory, by name, and those of its names that are `unreadable`. Throws
/// `file_error` if the directory cannot be read. `report(name, why)` is told of what is unreadable.
std::vector<found_file> list_directory(const std::string& path,
                                       const std::function<void(const std::string&, const std::string&)>& report);

inline constexpr std::uint64_t to_the_end = ~std::uint64_t{0};

/// A part of a file: `end` may lie behind the end of the file, wherever that is by now.
struct byte_range {
  std::uint64_t begin = 0;
  std::uint64_t end = to_the_end;
};

/// Reads a regular file in pieces, from anywhere.
class file_reader {
 public:
  /// Throws `file_error`, also if it is no regular file.
  explicit file_reader(const std::string& path);

  /// The next bytes from `offset`, at most `max`; none at the end of the file. Valid until the next call.
  /// Throws `file_error`.
  std::string_view read(std::uint64_t offset, std::uint64_t max = to_the_end);

 private:
  descriptor file_;
  std::vector<char>& buffer_;
};

}  // namespace wordtree
