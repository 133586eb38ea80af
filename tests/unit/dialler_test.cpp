#include "nodes/dialler.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>

#include "nodes/sockets.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::dialler;
using detail::incarnation_id;
using detail::network_address;
using testing::ElementsAre;

/// Listens, and takes no connection.
struct listener {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor = detail::listen_at(io, {"127.0.0.1", 0});

  network_address address() const { return {"127.0.0.1", acceptor.local_endpoint().port()}; }
};

network_address where_nobody_listens() {
  const listener gone;
  return gone.address();
}

TEST(Dialler, tells_who_listens_from_who_does_not) {
  const listener l;
  EXPECT_TRUE(detail::is_reachable(l.address(), 5s));
  EXPECT_FALSE(detail::is_reachable(where_nobody_listens(), 5s));
  EXPECT_FALSE(detail::is_reachable({"no.such.host.invalid", 1}, 5s));
}

TEST(Dialler, gives_up_an_address_that_does_not_answer) {
  listener l;
  // Its queue is full: what comes after is not answered.
  ASSERT_EQ(::listen(l.acceptor.native_handle(), 0), 0);
  ASSERT_TRUE(wait_until([&] { return !detail::is_reachable(l.address(), 50ms); }));
}

TEST(Dialler, goes_on_after_one_that_cannot_be_reached) {
  const listener l;
  std::mutex mutex;
  std::vector<incarnation_id> reached;
  dialler d([&](incarnation_id node, const network_address&) {
    const std::lock_guard lock(mutex);
    reached.push_back(node);
  });
  d.add(1, where_nobody_listens());
  d.add(2, l.address());
  EXPECT_TRUE(wait_until([&] {
    const std::lock_guard lock(mutex);
    return !reached.empty();
  }));
  const std::lock_guard lock(mutex);
  EXPECT_THAT(reached, ElementsAre(2));
}

}  // namespace
}  // namespace banyan::test
