#include "examples/wordtree/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace wordtree {
namespace {

constexpr std::size_t piece_size = 128u << 10;

file_kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return file_kind::file;
  return S_ISDIR(mode) ? file_kind::directory : file_kind::other;
}

/// One buffer a thread: a reader is used by one function at a time, and no function waits while it reads.
std::vector<char>& thread_buffer() {
  thread_local std::vector<char> buffer(piece_size);
  return buffer;
}

/// Adds the kind, and a file's size, of a name in an open directory. Returns an error number or 0.
int look_in(int directory, const char* name, unsigned char type, found_file& found) {
  if (type == DT_DIR) {
    found.kind = file_kind::directory;
  } else if (type == DT_REG || type == DT_UNKNOWN) {
    struct stat s {};
    if (fstatat(directory, name, &s, AT_SYMLINK_NOFOLLOW) != 0) {
      found.kind = file_kind::unreadable;
      return errno;
    }
    found.kind = kind_of(s.st_mode);
    if (found.kind == file_kind::file) found.bytes = static_cast<std::uint64_t>(s.st_size);
  }
  return 0;
}

}  // namespace

file_error::file_error(int error_number) : std::runtime_error(std::generic_category().message(error_number)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0) close(fd_);
}

int descriptor::release() { return std::exchange(fd_, -1); }

descriptor open_path(std::string_view path, int flags) {
  descriptor base(-1);
  const auto open_next = [&base](std::string_view name, int how) {
    const int fd = openat(base.get() < 0 ? AT_FDCWD : base.get(), std::string(name).c_str(), how | O_CLOEXEC);
    if (fd < 0) throw file_error(errno);
    return descriptor(fd);
  };
  while (path.size() >= PATH_MAX) {  // longer than one call takes: go a part of the way
    const std::size_t cut = path.rfind('/', PATH_MAX - 1);
    if (cut == std::string_view::npos || cut == 0) throw file_error(ENAMETOOLONG);
    base = open_next(path.substr(0, cut), O_PATH | O_DIRECTORY);
    path.remove_prefix(cut + 1);
  }
  return open_next(path, flags | O_NOFOLLOW);
}

found_file look_at(const std::string& path) {
  const descriptor file = open_path(path, O_PATH);
  struct stat s {};
  if (fstat(file.get(), &s) != 0) throw file_error(errno);
  return {kind_of(s.st_mode), path, S_ISREG(s.st_mode) ? static_cast<std::uint64_t>(s.st_size) : 0};
}

std::vector<found_file> list_directory(const std::string& path,
                                       const std::function<void(const std::string&, const std::string&)>& report) {
  descriptor opened = open_path(path, O_RDONLY | O_DIRECTORY);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fdopendir(opened.get()), closedir);
  if (!directory) throw file_error(errno);
  const int fd = opened.release();  // belongs to `directory` now
  std::vector<found_file> found;
  while (true) {
    errno = 0;
    const dirent* next = readdir(directory.get());
    if (!next) break;
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    found_file file{file_kind::other, std::string(name), 0};
    if (const int error = look_in(fd, next->d_name, next->d_type, file)) report(file.name, file_error(error).what());
    if (file.kind != file_kind::other) found.push_back(std::move(file));
  }
  if (errno != 0) throw file_error(errno);
  std::sort(found.begin(), found.end(), [](const found_file& a, const found_file& b) { return a.name < b.name; });
  return found;
}

file_reader::file_reader(const std::string& path)
    : file_(open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)), buffer_(thread_buffer()) {
  struct stat s {};
  if (fstat(file_.get(), &s) != 0) throw file_error(errno);
  if (!S_ISREG(s.st_mode)) throw file_error(S_ISDIR(s.st_mode) ? EISDIR : ENXIO);
}

std::string_view file_reader::read(std::uint64_t offset, std::uint64_t max) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(max, buffer_.size()));
  while (true) {
    const ssize_t got = pread(file_.get(), buffer_.data(), size, static_cast<off_t>(offset));
    if (got >= 0) return {buffer_.data(), static_cast<std::size_t>(got)};
    if (errno != EINTR) throw file_error(errno);
  }
}

}  // namespace wordtree
