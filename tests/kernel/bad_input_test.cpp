#include "actors/function_registry.hpp"
#include "messages/family.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/tree_builder.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

int known(int n) { return n; }
BANYAN_FUNCTION(known)

int unregistered(int n) { return n; }

std::string echo(std::string s) { return s; }
BANYAN_FUNCTION(echo)

std::string grows(int n) { return std::string(static_cast<std::size_t>(n), 'x'); }
BANYAN_FUNCTION(grows)

/// Arrays within arrays.
struct nest {
  int depth = 0;
  template <class Packer>
  void msgpack_pack(Packer& p) const {
    for (int i = 0; i < depth; ++i) p.pack_array(1);
    p.pack(0);
  }
  void msgpack_unpack(const msgpack::object&) {}
};
nest nests(int depth) { return {depth}; }
BANYAN_FUNCTION(nests)
int unnests(nest) { return 0; }
BANYAN_FUNCTION(unnests)

task<int> receives_without_a_name(context& ctx) { co_return co_await ctx.receive<int>(""); }
BANYAN_FUNCTION(receives_without_a_name)

task<bool> receives_for_without_a_name(context& ctx) {
  const auto none = co_await ctx.receive_for<int>("", 1h);
  co_return none.has_value();
}
BANYAN_FUNCTION(receives_for_without_a_name)

task<int> parent_of_known(context& ctx) {
  const int a = co_await ctx.spawn(known, 1);
  co_return a + co_await ctx.promise<int>("approval");
}
BANYAN_FUNCTION(parent_of_known)

task<std::string> spawns_what_is_bad(context& ctx, int what) {
  try {
    switch (what) {
      case 0: ctx.spawn(unregistered, 1); break;
      case 1: ctx.spawn(echo, std::string(5000, 'x')); break;
      case 2: ctx.spawn(unnests, nest{70}); break;
      case 3: ctx.spawn({.weight = -1.0}, known, 1); break;
      case 4: ctx.spawn({.id = "child"}, known, 1); break;
      case 5: ctx.set_progress(-1); break;
      case 6: ctx.set_weight(std::nan("")); break;
      case 7: co_await ctx.run("big", [] { return std::string(5000, 'x'); }); break;
      case 8: ctx.checkpoint(std::string(5000, 'x')); break;
      case 9: co_await ctx.run("policy", [] {}, {.max_attempts = 0}); break;
      case 10: co_await ctx.run("deep", [] { return nest{20}; }); break;
      case 11: ctx.set_progress(std::numeric_limits<double>::infinity()); break;
      case 12: ctx.set_weight(-std::numeric_limits<double>::infinity()); break;
      case 13: ctx.restore<int>(); break;
      default: break;
    }
  } catch (const error& e) {
    co_return std::string(to_string(e.code()));
  }
  // What was refused took no number: this is the first child.
  co_return "fine " + std::to_string((co_await ctx.spawn(known, 1)));
}
BANYAN_FUNCTION(spawns_what_is_bad)

class P9_bad_input : public Kernel {
 protected:
  P9_bad_input() { options.limits.max_payload = 4096; }

  /// The runtime still works.
  void expect_others_go_on() { EXPECT_EQ(rt().spawn(known, 3).get(), 3); }
};
BANYAN_OVER_EACH_STORE(P9_bad_input);

TEST_P(P9_bad_input, a_signal_without_a_name_is_refused_where_it_is_waited_for_too) {
  const auto f = rt().spawn(receives_without_a_name);
  EXPECT_EQ(code_of([&] { f.get_for(20s); }), errc::invalid_argument);
  EXPECT_THAT(message_of([&] { f.get_for(20s); }), HasSubstr("a signal has a name"));
  EXPECT_EQ(code_of([&] { rt().spawn(receives_for_without_a_name).get_for(20s); }), errc::invalid_argument);
}

TEST_P(P9_bad_input, at_spawn_is_refused_there) {
  EXPECT_THAT(message_of([&] { rt().spawn(unregistered, 1); }), HasSubstr("BANYAN_FUNCTION"));
  EXPECT_EQ(code_of([&] { rt().spawn(unregistered, 1); }), errc::unknown_function);
  EXPECT_EQ(code_of([&] { rt().spawn(echo, std::string(5000, 'x')); }), errc::too_large);
  EXPECT_EQ(code_of([&] { rt().spawn(unnests, nest{70}); }), errc::bad_payload);
  EXPECT_TRUE(rt().roots().empty());
  expect_others_go_on();
}

TEST_P(P9_bad_input, in_options_is_refused_by_name) {
  const std::vector<std::pair<banyan::options, const char*>> bad{
      {{.weight = -1.0}, "weight"},
      {{.retry = {.max_attempts = 0}}, "max_attempts"},
      {{.retry = {.factor = 0.5}}, "factor"},
      {{.retry = {.jitter = 2}}, "jitter"},
      {{.timeout = 0ms}, "timeout"},
      {{.start_after = -1ms}, "start_after"},
      {{.start_after = 1ms, .start_at = std::chrono::system_clock::now()}, "start_at"},
      {{.on_parent_done = on_parent_done::cancel}, "on_parent_done"},
  };
  for (const auto& bad_one : bad) {
    EXPECT_EQ(code_of([&] { rt().spawn(bad_one.first, known, 1); }), errc::invalid_argument) << bad_one.second;
    EXPECT_THAT(message_of([&] { rt().spawn(bad_one.first, known, 1); }), HasSubstr(bad_one.second));
  }
  expect_others_go_on();
}

TEST_P(P9_bad_input, in_a_function_is_refused_there) {
  options.limits.max_depth = 16;
  const std::vector<const char*> codes{
      "unknown_function", "too_large", "bad_payload", "invalid_argument", "invalid_argument", "invalid_argument",
      "invalid_argument", "too_large", "too_large",   "invalid_argument", "bad_payload",      "invalid_argument",
      "invalid_argument", "fine 1"};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(rt().spawn(spawns_what_is_bad, static_cast<int>(i)).get(), codes[i]) << i;
  }
}

TEST_P(P9_bad_input, as_a_result_fails_the_future) {
  EXPECT_EQ(code_of([&] { rt().spawn({.retry = {.max_attempts = 3}}, grows, 5000).get(); }), errc::too_large);
  EXPECT_EQ(code_of([&] { rt().spawn(nests, 70).get(); }), errc::bad_payload);
  EXPECT_EQ(rt().spawn(grows, 100).get().size(), 100u);
}

TEST_P(P9_bad_input, as_a_value_from_outside_is_refused) {
  const auto job = rt().spawn({.start_after = 1h}, echo, "x");
  EXPECT_EQ(code_of([&] { job.set_value(std::string(5000, 'x')); }), errc::too_large);
  EXPECT_TRUE(job.set_value("fits"));
  EXPECT_EQ(code_of([&] { rt().find<int>(job.key()).get(); }), errc::bad_payload);
}

TEST_P(P9_bad_input, in_a_config_of_limits_is_refused) {
  options.limits.max_depth = 65;
  EXPECT_EQ(code_of([&] { rt(); }), errc::invalid_argument);
  options.limits.max_depth = 64;
  for (auto limit : {&limits::max_payload, &limits::max_in_flight}) {
    options.limits.*limit = 0;
    EXPECT_EQ(code_of([&] { rt(); }), errc::invalid_argument);
    options.limits.*limit = 1u << 20;
  }
  for (auto limit : {&limits::max_blocking, &limits::max_crash_recoveries}) {
    options.limits.*limit = 0;
    EXPECT_EQ(code_of([&] { rt(); }), errc::invalid_argument);
    options.limits.*limit = 1;
  }
  options.limits.max_blocking = 65'537;
  EXPECT_EQ(code_of([&] { rt(); }), errc::invalid_argument);
  options.limits.max_blocking = 1;
  options.threads = 4'097;
  EXPECT_EQ(code_of([&] { rt(); }), errc::invalid_argument);
  options.threads = 1;
  options.store = "nosuchstore:x";
  EXPECT_EQ(code_of([&] { rt(); }), errc::bad_url);
}

class P9_bad_records : public Restart {
 protected:
  template <class Write>
  void in_the_store(Write write) {
    stop();
    const auto s = detail::open_store(url, detail::open_mode::drive, "a test");
    tree_builder tree(*s);
    write(tree, *s);
    s->close();
  }
  /// Lets a parent come to its promise, then spoils a record below it.
  template <class Write>
  future<int> spoiled(Write write) {
    const key k = rt().spawn(parent_of_known).key();
    rt().wait_idle();
    in_the_store([&](tree_builder&, detail::store& s) {
      const family_id family = detail::child_family(k, 1);
      std::vector<detail::record> records;
      s.scan(family, [&](detail::record&& r) { records.push_back(std::move(r)); });
      detail::write drop{detail::write::what::drop_family, family, 0, 0, {}};
      detail::write_outcome o;
      s.commit({&drop, 1}, {&o, 1});
      write(records);
      tree_builder again(s);
      again.put(detail::write::what::header, {family, 0}, detail::encode_header({k, 1, 1}));
      for (const auto& r : records) {
        again.put(detail::write::what::spec, {family, r.index}, r.spec);
        again.put(detail::write::what::result, {family, r.index}, r.result);
      }
    });
    return rt().find<int>(k);
  }
};

TEST_F(P9_bad_records, with_bad_arguments_fail_their_future) {
  key few, wrong, garbage, good;
  in_the_store([&](tree_builder& tree, detail::store&) {
    auto spec = call_of("known");
    few = tree.root("few", spec);
    spec.arguments = detail::encode(std::vector<std::string>{"x"});
    wrong = tree.root("wrong", spec);
    spec.arguments = "\xC1";
    garbage = tree.root("garbage", spec);
    spec.arguments = detail::encode(std::vector<int>{6});
    good = tree.root("good", spec);
  });
  EXPECT_EQ(rt().find<int>(good).get(), 6);
  EXPECT_EQ(code_of([&] { rt().find<int>(few).get(); }), errc::bad_payload);
  EXPECT_THAT(message_of([&] { rt().find<int>(few).get(); }), HasSubstr("takes 1 arguments, the record holds 0"));
  EXPECT_EQ(code_of([&] { rt().find<int>(wrong).get(); }), errc::bad_payload);
  EXPECT_THAT(message_of([&] { rt().find<int>(wrong).get(); }), HasSubstr("argument 1 of known"));
  EXPECT_EQ(code_of([&] { rt().find<int>(garbage).get(); }), errc::bad_payload);
}

TEST_F(P9_bad_records, of_roots_are_reported_and_others_go_on) {
  key cut, good;
  in_the_store([&](tree_builder& tree, detail::store&) {
    auto spec = call_of("known");
    spec.arguments = detail::encode(std::vector<int>{6});
    good = tree.root("good", spec);
    cut = {detail::named_family("cut"), 0};
    const bytes whole = detail::encode_spec(spec);
    tree.put(detail::write::what::spec, cut, whole.substr(0, whole.size() / 2));
    tree.put(detail::write::what::add_root, cut, {}, 1000);
    const key empty{detail::named_family("empty"), 0};
    tree.put(detail::write::what::add_root, empty, {}, 1000);
  });
  EXPECT_EQ(rt().find<int>(good).get(), 6);
  EXPECT_TRUE(log.contains(cut.str()));
  EXPECT_THAT(rt().find_handle(cut).to_json(), HasSubstr("corrupt_record"));
  rt().roots();
}

TEST_F(P9_bad_records, of_a_child_stop_its_parent_where_it_is) {
  const auto job = spoiled([](auto& records) { records[0].spec = records[0].spec.substr(0, 3); });
  EXPECT_EQ(code_of([&] { job.get(); }), errc::corrupt_record);
  EXPECT_FALSE(job.ready());
  EXPECT_EQ(rt().spawn(known, 3).get(), 3);
}

TEST_F(P9_bad_records, of_a_childs_result_stop_its_parent_where_it_is) {
  const auto job = spoiled([](auto& records) { records[0].result = records[0].result.substr(0, 3); });
  EXPECT_EQ(code_of([&] { job.get(); }), errc::corrupt_record);
  EXPECT_FALSE(job.ready());
  EXPECT_EQ(rt().spawn(known, 3).get(), 3);
}

TEST_F(P9_bad_records, of_results_and_gauges_are_reported) {
  key result, gauge, attempt;
  in_the_store([&](tree_builder& tree, detail::store&) {
    auto spec = call_of("known");
    spec.arguments = detail::encode(std::vector<int>{6});
    result = tree.root("result", spec);
    tree.put(detail::write::what::result, result, "\x93\x01");
    gauge = tree.root("gauge", spec);
    tree.put(detail::write::what::gauge, gauge, "\xC1\xC1");
    attempt = tree.root("attempt", spec);
    tree.put(detail::write::what::attempt, attempt, "\xC1", 1);
  });
  EXPECT_EQ(rt().find<int>(attempt).get(), 6);
  for (const key& k : {result, gauge}) {
    EXPECT_EQ(code_of([&] { rt().find<int>(k).get_for(20s); }), errc::corrupt_record) << k;
  }
  EXPECT_EQ(rt().spawn(known, 3).get(), 3);
}

int shy(int n) { return n; }

class P11_unknown_functions : public Restart {
 protected:
  key record_call(const char* function) {
    stop();
    const auto s = detail::open_store(url, detail::open_mode::drive, "a test");
    auto spec = call_of(function);
    spec.arguments = detail::encode(std::vector<int>{6});
    const key k = tree_builder(*s).root(function, spec);
    s->close();
    return k;
  }
};

TEST_F(P11_unknown_functions, park_their_future_until_the_program_knows_them) {
  const key k = record_call("shy");
  auto job = rt().find<int>(k);
  rt().wait_idle();
  EXPECT_EQ(job.status(), status::waiting);
  EXPECT_THAT(job.to_json(), AllOf(HasSubstr("parked"), HasSubstr("unknown_function")));
  EXPECT_EQ(rt().spawn(known, 3).get(), 3);
  const detail::registration late("shy", shy);
  EXPECT_EQ(job.get_for(20s), 6);
}

TEST_F(P11_unknown_functions, that_a_call_of_ours_is_given_park_it_until_the_program_knows_them) {
  const auto in_section = std::make_tuple("banyan.critical_section/1", "s", std::make_tuple("shy one"));
  const auto alone = detail::decode<fn<int(int)>>(detail::encode(in_section), "a fn");
  const std::vector<fn<int()>> calls{detail::decode<fn<int()>>(detail::encode(std::make_tuple("shy one", 7)), "a fn")};
  const auto section = rt().spawn(alone, 6);
  const auto both = rt().spawn(parallel(calls));
  rt().wait_idle();
  for (const future_handle& f : {future_handle(section), future_handle(both)}) {
    EXPECT_THAT(f.to_json(), AllOf(HasSubstr("unknown_function"), HasSubstr("'shy one'")));
  }
  const detail::registration late("shy one", shy);
  EXPECT_EQ(section.get_for(20s), 6);
  EXPECT_EQ(both.get_for(20s), std::vector<int>{7});
}

TEST_F(P11_unknown_functions, go_on_in_a_process_that_knows_them) {
  const key k = record_call("known only there");
  rt().wait_idle();
  EXPECT_FALSE(rt().find<int>(k).ready());
  stop();
  const std::string answer = in_child([&] {
    const detail::registration there("known only there", known);
    return std::to_string(rt().find<int>(k).get_for(20s));
  });
  EXPECT_EQ(answer, "6");
  EXPECT_EQ(rt().find<int>(k).get(), 6);
}

TEST_F(P11_unknown_functions, can_be_cancelled_with_what_is_below_them) {
  const key k = record_call("nobody knows");
  key child;
  {
    const auto s = detail::open_store(url, detail::open_mode::drive, "a test");
    auto spec = call_of("nobody knows either");
    child = tree_builder(*s).child(k, 0, spec);
    s->close();
  }
  const auto job = rt().find<int>(k);
  rt().wait_idle();
  EXPECT_TRUE(job.cancel());
  EXPECT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
  EXPECT_EQ(rt().find_handle(child).status(), status::cancelled);
}

class Retention : public Kernel {};
BANYAN_OVER_EACH_STORE(Retention);

TEST_P(Retention, forgets_what_settled_long_ago) {
  const auto old = rt().spawn(known, 1);
  EXPECT_EQ(old.get(), 1);
  const auto open = rt().spawn(parent_of_known);
  rt().wait_idle();
  EXPECT_EQ(rt().collect_garbage(), 0u);
  EXPECT_EQ(rt().collect_garbage(0s), 1u);
  EXPECT_EQ(code_of([&] { rt().find<int>(old.key()); }), errc::not_found);
  EXPECT_EQ(code_of([&] { old.get(); }), errc::not_found);
  EXPECT_FALSE(open.ready());
  EXPECT_EQ(code_of([&] { rt().forget(open.key()); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().forget(old.key()); }), errc::not_found);
  EXPECT_TRUE(open.cancel());
  rt().wait_idle();
  rt().forget(open.key());
  EXPECT_TRUE(rt().roots().empty());
}

}  // namespace
}  // namespace banyan::test
