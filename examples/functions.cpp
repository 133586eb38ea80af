// Functions that are made of functions: values, which a store keeps and other processes understand.

#include <banyan/banyan.hpp>
#include <iostream>
#include <string>
#include <vector>

using text_function = banyan::fn<std::string(std::string)>;

std::string put_between(std::string left, std::string right, std::string text) { return left + text + right; }
BANYAN_FUNCTION(put_between)

/// second(first(text)): a closure whose captures are functions.
struct compose {
  text_function first;
  text_function second;
  MSGPACK_DEFINE(first, second)

  banyan::task<std::string> operator()(banyan::context& ctx, std::string text) const {
    text = co_await first(ctx, std::move(text));
    co_return co_await second(ctx, std::move(text));
  }
};
BANYAN_CLOSURE(compose)

/// A function as an argument: each text is a child of its own.
banyan::task<std::vector<std::string>> apply(banyan::context& ctx, text_function f, std::vector<std::string> texts) {
  co_return co_await banyan::all(ctx.map(f, std::move(texts)));
}
BANYAN_FUNCTION(apply)

/// A function as a result.
text_function markup(std::string tag) {
  const text_function inner = banyan::bind(put_between, "<" + tag + ">", "</" + tag + ">");
  return compose{banyan::bind(put_between, " ", " "), inner};
}
BANYAN_FUNCTION(markup)

int main(int argc, char** argv) try {
  banyan::runtime rt{{.store = argc > 1 ? argv[1] : "memory:"}};
  const text_function bold = rt.spawn(markup, "b").get();
  const text_function both = compose{bold, rt.spawn(markup, "i").get()};
  const std::vector<std::string> texts{"one", "two"};
  for (const std::string& text : rt.spawn(apply, both, texts).get()) std::cout << text << '\n';
  std::cout << (bold == markup("b") ? "the same function: " : "another function: ") << bold.stable_id() << '\n';
} catch (const banyan::error& e) {
  std::cerr << "functions: " << e.what() << '\n';
  return 1;
}
