#include "tests/support/redis_server.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

std::string find_program() {
  for (const char* path : {"/usr/bin/redis-server", "/usr/local/bin/redis-server"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

bool answers(const std::string& socket) {
  redisContext* const c = ::redisConnectUnix(socket.c_str());
  if (!c) return false;
  auto* const reply = c->err ? nullptr : static_cast<redisReply*>(::redisCommand(c, "PING"));
  // A server that wants a password answers, too.
  const bool up = reply && (reply->type == REDIS_REPLY_STATUS || std::string(reply->str).starts_with("NOAUTH"));
  ::freeReplyObject(reply);
  ::redisFree(c);
  return up;
}

}  // namespace

bool redis_server::available() { return !find_program().empty(); }

redis_server::redis_server(std::vector<std::string> arguments, std::string sentinel_file)
    : arguments_(std::move(arguments)), sentinel_file_(std::move(sentinel_file)) {
  start();
}

redis_server::~redis_server() { kill(); }

void redis_server::start() {
  std::vector<std::string> command{find_program()};
  const bool sentinel = !sentinel_file_.empty();
  if (sentinel) command.insert(command.end(), {sentinel_file_, "--sentinel"});
  command.insert(command.end(), {"--port", "0", "--unixsocket", socket(), "--dir", directory_.path().string(),
                                 "--logfile", (directory_.path() / "log").string()});
  if (!sentinel) command.insert(command.end(), {"--save", ""});
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    // A test that dies takes its server along.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execv(words.front(), words.data());
    ::_exit(127);
  }
  if (!wait_until([this] { return answers(socket()); })) {
    kill();
    throw std::runtime_error("redis-server does not answer");
  }
}

std::string redis_server::ask(const std::vector<std::string>& command) const {
  redisContext* const c = ::redisConnectUnix(socket().c_str());
  std::string text;
  if (c && !c->err) {
    std::vector<const char*> words;
    for (const std::string& word : command) words.push_back(word.c_str());
    void* const answer = ::redisCommandArgv(c, static_cast<int>(words.size()), words.data(), nullptr);
    auto* const reply = static_cast<redisReply*>(answer);
    if (reply && reply->str) text.assign(reply->str, static_cast<std::size_t>(reply->len));
    if (reply && reply->type == REDIS_REPLY_INTEGER) text = std::to_string(reply->integer);
    ::freeReplyObject(reply);
  }
  if (c) ::redisFree(c);
  return text;
}

void redis_server::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace banyan::test
