#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include <banyan/error.hpp>
#include <banyan/sources.hpp>

namespace banyan {
namespace {

/// A regular file, read from a byte on to its end.
class line_reader {
 public:
  line_reader(const std::string& path, std::uint64_t at) : path_(path), at_(at) {
    if (path.find('\0') != std::string::npos) fail("cannot open", ENOENT);
    // To open a pipe waits for who writes into it.
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) fail("cannot open", errno);
    struct stat s {};
    if (::fstat(file_, &s) != 0) fail("cannot look at", errno);
    if (!S_ISREG(s.st_mode)) {
      ::close(file_);
      throw error(errc::failed, "lines_of: " + path_ + " is no regular file");
    }
    size_ = static_cast<std::uint64_t>(s.st_size);
  }
  ~line_reader() { ::close(file_); }
  line_reader(const line_reader&) = delete;
  line_reader& operator=(const line_reader&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t at() const { return at_; }

  /// Goes behind the end of the line, but no further than to `last`.
  void skip_line(std::uint64_t last) {
    while (at_ < last && fill() && !take_line(nullptr)) {
    }
  }
  /// False at the end of the file.
  bool next(std::string& line) {
    line.clear();
    bool any = false;
    while (fill()) {
      any = true;
      if (take_line(&line)) break;
    }
    return any;
  }

 private:
  [[noreturn]] void fail(const char* what, int cause) {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    throw error(errc::failed,
                std::string("lines_of: ") + what + " " + path_ + ": " + std::generic_category().message(cause));
  }

  /// False: there is nothing left.
  bool fill() {
    if (!rest_.empty()) return true;
    ssize_t n = 0;
    do {
      n = ::pread(file_, buffer_.data(), buffer_.size(), static_cast<off_t>(at_));
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
      throw error(errc::failed, "lines_of: cannot read " + path_ + ": " + std::generic_category().message(errno));
    }
    rest_ = {buffer_.data(), static_cast<std::size_t>(n)};
    return n > 0;
  }

  /// Takes what is there of the line. True: its newline too.
  bool take_line(std::string* line) {
    const std::size_t end = rest_.find('\n');
    const bool whole = end != rest_.npos;
    const std::size_t taken = whole ? end + 1 : rest_.size();
    if (line) line->append(rest_.substr(0, end));
    rest_.remove_prefix(taken);
    at_ += taken;
    return whole;
  }

  const std::string& path_;
  std::uint64_t at_;
  std::uint64_t size_ = 0;
  int file_ = -1;
  std::array<char, 64 << 10> buffer_;
  std::string_view rest_;  ///< of the buffer
};

}  // namespace

std::optional<lines_of::page> lines_of::read(std::uint64_t limit) const {
  // A line begins behind a newline.
  line_reader in(path_, begin_ > 0 ? begin_ - 1 : 0);
  if (begin_ > 0) in.skip_line(end_);
  page lines;
  std::string line;
  while (in.at() < end_ && in.next(line)) {
    if (lines.size() == limit) return std::nullopt;
    lines.push_back(line);
  }
  return lines;
}

std::vector<lines_of> lines_of::split(std::size_t n) const {
  const std::uint64_t end = std::min(end_, line_reader(path_, 0).size());
  const std::uint64_t bytes = end > begin_ ? end - begin_ : 0;
  const std::uint64_t count = std::min<std::uint64_t>(n, bytes);
  std::vector<lines_of> parts;
  for (std::uint64_t i = 0; i < count; ++i) {
    parts.emplace_back(path_, begin_ + detail::part_begin(bytes, count, i),
                       begin_ + detail::part_begin(bytes, count, i + 1));
  }
  return parts;
}

}  // namespace banyan
