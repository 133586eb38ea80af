#include "tools/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace banyan::tools {

bool output::interactive() const {
  const char* kind = std::getenv("TERM");
  return ::isatty(fd_) == 1 && kind && *kind && std::string_view(kind) != "dumb";
}

void output::write(std::string_view text) {
  constexpr std::size_t piece = 64 << 10;
  buffer_ += text;
  if (buffer_.size() >= piece) flush();
}

void output::line(std::string_view text) {
  write(text);
  write("\n");
}

void output::flush() {
  const std::string text = std::exchange(buffer_, {});
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EPIPE) {
      throw output_closed{};
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot write the output");
    }
  }
}

}  // namespace banyan::tools
