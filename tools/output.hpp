#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banyan::tools {

/// Thrown when nobody reads the output any more: there is nothing left to do, and nobody to tell.
struct output_closed {};

/// Standard output or another file descriptor, in pieces that are large. Needs SIGPIPE ignored.
/// Throws `output_closed`, or `std::system_error` when the text cannot be written for another reason.
class output {
 public:
  explicit output(int fd) : fd_(fd) {}

  /// True for a terminal on which text can be redrawn.
  bool interactive() const;
  int descriptor() const { return fd_; }

  void write(std::string_view text);
  void line(std::string_view text);
  void flush();

 private:
  const int fd_;
  std::string buffer_;
};

}  // namespace banyan::tools
