#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/redis_settings.hpp"

namespace banyan::detail {

struct free_redis_reply {
  void operator()(redisReply* r) const { freeReplyObject(r); }
};
using redis_reply = std::unique_ptr<redisReply, free_redis_reply>;

/// A reply's bytes; empty for nil and for what is no text.
std::string_view text_of(const redisReply& r);
bool is_nil(const redisReply& r);

/// Commands in the form in which they are sent.
class redis_commands {
 public:
  void add(std::initializer_list<std::string_view> arguments) { add({arguments.begin(), arguments.size()}); }
  void add(std::span<const std::string_view> arguments);
  const std::string& text() const { return text_; }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  void clear();

 private:
  std::string text_;
  std::size_t count_ = 0;
};

/// One connection to one server, authenticated and on the right database. After an error in the connection itself it
/// is broken: nothing more is sent over it. Not thread-safe.
///
/// Errors: `error`. `store_unavailable` for the connection; for what the server answers see `redis_error.hpp`.
class redis_connection {
 public:
  /// Connects to `where`, or to the settings' socket.
  redis_connection(const redis_settings& s, const std::optional<redis_address>& where);

  /// Sends what was gathered, without waiting for the replies.
  void send(const redis_commands& commands);
  /// The next reply. The server's errors are replies too.
  redis_reply receive();
  /// Drops the next reply if it has been read already, as part of what came with another; false if there is none.
  bool take_buffered();
  /// The socket, to wait for.
  int descriptor() const { return context_->fd; }
  /// Sends a command and waits for its reply. Throws what the server's error means.
  redis_reply call(std::initializer_list<std::string_view> arguments) {
    return call({arguments.begin(), arguments.size()});
  }
  redis_reply call(std::span<const std::string_view> arguments);
  /// Throws if the reply is an error.
  void expect(const redisReply& reply) const;

  bool broken() const { return broken_; }
  const std::string& name() const { return name_; }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& why);
  std::string reason() const;
  std::string last_words();
  void start_tls(const redis_tls_files& files, const std::string& host);
  void log_in(const redis_settings& s);
  void send_plainly(const redis_commands& commands);
  void send_by_tls(const redis_commands& commands);

  struct free_context {
    void operator()(redisContext* c) const { redisFree(c); }
  };
  std::string name_;  ///< for messages
  std::unique_ptr<redisContext, free_context> context_;
  bool tls_ = false;
  bool broken_ = false;
};

}  // namespace banyan::detail
