// An order that waits for its payment, as one durable function. Kill this program at any point and start it again with
// the same order: it goes on where it was, does nothing twice, and its timer has not been forgotten.
//
//   resumable 4711
//   banyan --store sqlite:orders.db set KEY 1299      from elsewhere: the payment, with the key that was printed

#include <banyan/banyan.hpp>
#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

std::string reserve(const std::string& order) {
  std::cout << "reserving what order " << order << " needs" << std::endl;
  return "shelf " + std::to_string(order.size());
}

void send(const std::string& order, const std::string& shelf, const std::string& idempotency_key) {
  std::cout << "sending order " << order << " from " << shelf << " (" << idempotency_key << ")" << std::endl;
}

banyan::task<std::string> fulfil(banyan::context& ctx, std::string order) {
  // What `run` answers is recorded: a run that goes on later takes the answer and reserves nothing again.
  const std::string shelf = co_await ctx.run("reserve", [&order] { return reserve(order); });

  const banyan::future<int> payment = ctx.promise<int>("payment");
  std::cout << "waiting for cents to be paid to " << payment.key() << std::endl;
  const int cents = co_await payment;

  co_await ctx.sleep(2s);  // time to change one's mind

  // Run at least once: a crash may come between the sending and its record. The key tells the two apart from a new
  // order.
  const std::string key = ctx.key().str();
  co_await ctx.run("send", [&] { send(order, shelf, key); });
  co_return "order " + order + " is on its way, paid with " + std::to_string(cents) + " cents";
}
BANYAN_FUNCTION(fulfil)

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: resumable ORDER\n";
    return 2;
  }
  try {
    banyan::runtime rt{{.store = "sqlite:orders.db"}};
    const std::string order = argv[1];
    const auto job = rt.spawn(banyan::options{.id = "order:" + order}, fulfil, order);
    std::cout << job.get() << '\n';
  } catch (const banyan::error& e) {
    std::cerr << "resumable: " << e.what() << '\n';
    return 1;
  }
}
