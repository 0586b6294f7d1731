// The doctest runner, on its own: under the sanitizers it takes long to compile, so it is built without them.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
