// A function that hears that it is to stop, says so, and does not.

#include <unistd.h>

#include <iostream>

#include <banyan/banyan.hpp>

void stubborn(banyan::context& ctx) {
  std::cout << "it runs" << std::endl;
  while (!ctx.cancelled()) usleep(1000);
  std::cout << "it goes on" << std::endl;
  for (;;) pause();
}
BANYAN_FUNCTION(stubborn)
