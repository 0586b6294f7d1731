// What a program of tests does when all of them have run.
#pragma once

namespace vitrine::testing {

/// Given what main() would return; main() returns what it returns.
using AfterRun = int (*)(int result);
extern AfterRun after_run;

}  // namespace vitrine::testing
