#include "nodes/dialler.hpp"

#include <algorithm>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "nodes/sockets.hpp"

namespace banyan::detail {

bool is_reachable(const network_address& where, std::chrono::milliseconds limit) try {
  namespace asio = boost::asio;
  asio::io_context io;
  boost::system::error_code failed;
  const auto places = asio::ip::tcp::resolver(io).resolve(where.host, std::to_string(where.port), failed);
  if (failed) return false;
  bool reached = false;
  asio::ip::tcp::socket s(io);
  asio::async_connect(s, places, [&](const boost::system::error_code& e, const auto&) { reached = !e; });
  io.run_for(limit);
  return reached;
} catch (const boost::system::system_error&) {
  // No more files can be opened.
  return false;
}

dialler::dialler(call reached) : reached_(std::move(reached)), thread_([this] { run(); }) {}

void dialler::stop() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  std::call_once(joined_, [this] { thread_.join(); });
}

void dialler::add(incarnation_id node, const network_address& where) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const auto& w) { return w.first == node; };
  if (over_ || std::ranges::any_of(waiting_, same)) return;
  waiting_.emplace_back(node, where);
  changed_.notify_all();
}

void dialler::run() {
  constexpr std::chrono::milliseconds limit{500};
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
    if (over_) return;
    const auto [node, where] = waiting_.front();
    lock.unlock();
    if (is_reachable(where, limit)) reached_(node, where);
    lock.lock();
    waiting_.pop_front();
  }
}

}  // namespace banyan::detail
