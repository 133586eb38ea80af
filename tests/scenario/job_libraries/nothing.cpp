// A library in which there is no function.

extern "C" int banyan_test_nothing() { return 0; }
