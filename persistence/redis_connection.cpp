#include "persistence/redis_connection.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <charconv>
#include <system_error>

#include <banyan/error.hpp>

#include "persistence/redis_error.hpp"
#include "persistence/redis_tls.hpp"

namespace banyan::detail {
namespace {

timeval timeval_of(std::chrono::milliseconds t) {
  return {static_cast<time_t>(t.count() / 1000), static_cast<suseconds_t>(t.count() % 1000 * 1000)};
}

void append_length(std::string& text, char mark, std::size_t n) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  text += mark;
  text.append(digits.data(), end);
  text += "\r\n";
}

}  // namespace

std::string_view text_of(const redisReply& r) {
  return r.str ? std::string_view(r.str, static_cast<std::size_t>(r.len)) : std::string_view();
}

bool is_nil(const redisReply& r) { return r.type == REDIS_REPLY_NIL; }

void redis_commands::add(std::span<const std::string_view> arguments) {
  append_length(text_, '*', arguments.size());
  for (const std::string_view a : arguments) {
    append_length(text_, '$', a.size());
    text_.append(a);
    text_ += "\r\n";
  }
  ++count_;
}

void redis_commands::clear() {
  text_.clear();
  count_ = 0;
}

redis_connection::redis_connection(const redis_settings& s, const std::optional<redis_address>& where)
    : name_(s.describe()) {
  const timeval limit = timeval_of(s.command_timeout);
  if (where) {
    if (s.servers.size() != 1 || *where != s.servers.front()) name_ += " (" + where->str() + ")";
    context_.reset(::redisConnectWithTimeout(where->host.c_str(), where->port, limit));
  } else {
    context_.reset(::redisConnectUnixWithTimeout(s.socket.c_str(), limit));
  }
  if (!context_) throw std::bad_alloc();
  if (context_->err) fail("cannot connect", reason());
  ::redisSetTimeout(context_.get(), limit);
  if (where) ::redisEnableKeepAlive(context_.get());
  if (where && s.tls) start_tls(*s.tls, where->host);
  // Replies of the size of a value are not to be copied from a buffer that grows little by little.
  context_->reader->maxbuf = 1u << 20;
  log_in(s);
}

void redis_connection::start_tls(const redis_tls_files& files, const std::string& host) {
  try {
    start_redis_tls(*context_, files, host);
  } catch (const error& e) {
    fail("cannot connect", e.message());
  }
  tls_ = true;
}

void redis_connection::log_in(const redis_settings& s) {
  if (!s.user.empty()) {
    call({"AUTH", s.user, s.password});
  } else if (!s.password.empty()) {
    call({"AUTH", s.password});
  }
  if (s.db != 0) call({"SELECT", std::to_string(s.db)});
}

void redis_connection::fail(const std::string& what, const std::string& why) {
  broken_ = true;
  throw error(errc::store_unavailable, name_ + ": " + what + ": " + why);
}

/// What hiredis says of its last step.
std::string redis_connection::reason() const {
  const bool late = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
  const std::string of_tls = tls_ ? redis_tls_reason() : "";
  return late ? redis_no_answer : of_tls.empty() ? context_->errstr : of_tls;
}

void redis_connection::send(const redis_commands& commands) { tls_ ? send_by_tls(commands) : send_plainly(commands); }

void redis_connection::send_by_tls(const redis_commands& commands) {
  const redis_tls_call call;
  ::redisAppendFormattedCommand(context_.get(), commands.text().data(), commands.text().size());
  for (int done = 0; !done;) {
    if (::redisBufferWrite(context_.get(), &done) != REDIS_OK) fail("the connection is lost", last_words());
  }
}

/// A server that refuses our certificate says so only when we write already.
std::string redis_connection::last_words() {
  const std::string lost = reason();
  if (lost == redis_no_answer) return lost;
  context_->err = 0;
  ::redisBufferRead(context_.get());
  const std::string said = redis_tls_reason();
  return said.empty() ? lost : said;
}

/// By ourselves: hiredis's way to write would end the program by SIGPIPE when the server is gone.
void redis_connection::send_plainly(const redis_commands& commands) {
  std::string_view left = commands.text();
  while (!left.empty()) {
    const ssize_t n = ::send(context_->fd, left.data(), left.size(), MSG_NOSIGNAL);
    if (n > 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      fail("the connection is lost", redis_no_answer);
    } else if (errno != EINTR) {
      fail("the connection is lost", std::generic_category().message(errno));
    }
  }
}

redis_reply redis_connection::receive() {
  std::optional<redis_tls_call> call;
  if (tls_) call.emplace();
  void* reply = nullptr;
  if (::redisGetReply(context_.get(), &reply) != REDIS_OK) fail("the connection is lost", reason());
  return redis_reply(static_cast<redisReply*>(reply));
}

bool redis_connection::take_buffered() {
  void* reply = nullptr;
  if (::redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) fail("the connection is lost", context_->errstr);
  return redis_reply(static_cast<redisReply*>(reply)) != nullptr;
}

redis_reply redis_connection::call(std::span<const std::string_view> arguments) {
  redis_commands one;
  one.add(arguments);
  send(one);
  redis_reply reply = receive();
  expect(*reply);
  return reply;
}

void redis_connection::expect(const redisReply& reply) const {
  if (reply.type == REDIS_REPLY_ERROR) throw_redis_error(name_, text_of(reply));
}

}  // namespace banyan::detail
