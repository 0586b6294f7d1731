// The doctest runner, on its own: under the sanitizers it takes long to compile, so it is built without them.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "main.h"

namespace vitrine::testing {
AfterRun after_run = nullptr;
}

int main(int argc, char** argv) {
    const int result = doctest::Context(argc, argv).run();
    const auto after = vitrine::testing::after_run;
    return after ? after(result) : result;
}
