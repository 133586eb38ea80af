#include "persistence/driver_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <banyan/error.hpp>

#include "persistence/file_error.hpp"

namespace banyan::detail {
namespace {

constexpr std::size_t max_holder_text = 512;

/// The whole file, for the one who opened it: unlike a POSIX lock it is no other descriptor's of this process.
struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

/// What the holder wrote, as in "process 123 (name) since ...".
std::string holder_text(int fd) {
  char text[max_holder_text];
  const ssize_t size = pread(fd, text, sizeof text, 0);
  // Between taking the lock and writing the file there is a moment in which it is empty.
  if (size <= 0) return "another process";
  const std::string_view line(text, static_cast<std::size_t>(size));
  return std::string(line.substr(0, line.find('\n')));
}

}  // namespace

driver_lock::driver_lock(std::string file, const std::string& store_name, std::string_view holder)
    : file_(std::move(file)) {
  fd_ = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd_ < 0) throw_file_error("open", file_, store_name, errno);
  try {
    take(store_name);
  } catch (...) {
    ::close(fd_);
    throw;
  }
  say_who(holder);
}

driver_lock::~driver_lock() {
  // Who is told of a holder should not be told of one that is gone. The lock goes with the descriptor.
  [[maybe_unused]] const int done = ftruncate(fd_, 0);
  ::close(fd_);
}

void driver_lock::take(const std::string& store_name) {
  struct flock range = whole_file();
  if (fcntl(fd_, F_OFD_SETLK, &range) == 0) return;
  if (errno != EAGAIN && errno != EACCES) throw_file_error("lock", file_, store_name, errno);
  throw error(errc::store_busy, store_name + " is driven by " + holder_text(fd_) +
                                    "; stop it, or open the store from outside with the banyan program");
}

void driver_lock::say_who(std::string_view holder) {
  std::string name(holder.substr(0, max_holder_text / 4));
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  const std::string text = "process " + std::to_string(getpid()) + " (" + name + ") since " + now_text() + "\n";
  // Only for people to read: the lock holds without it, on a full disk for one.
  [[maybe_unused]] const int cut = ftruncate(fd_, 0);
  [[maybe_unused]] const ssize_t written = pwrite(fd_, text.data(), text.size(), 0);
}

bool driver_lock::held(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  struct flock range = whole_file();
  const bool taken = fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  ::close(fd);
  return taken;
}

}  // namespace banyan::detail
