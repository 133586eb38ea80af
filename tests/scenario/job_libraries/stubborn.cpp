// A function that hears that it is to stop, says so, and does not.

#include <unistd.h>

#include <iostream>

#include <banyan/banyan.hpp>

#include "tests/support/wait_until.hpp"

void stubborn(banyan::context& ctx) {
  std::cout << "it runs" << std::endl;
  if (banyan::test::wait_until([&ctx] { return ctx.cancelled(); })) std::cout << "it goes on" << std::endl;
  for (;;) pause();
}
BANYAN_FUNCTION(stubborn)
