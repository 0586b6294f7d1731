# docs/ops.md is what the ops' cases measure: the same ops, devices and passes. Errors differ from CPU to CPU by a power of
# ten; their limits are the tests' own.
#
#   cmake -DTESTS=program -DSOURCE=tree -DWORK=folder -P ops_table.cmake
execute_process(COMMAND ${TESTS} "--test-case=ops/*" --reporters=ops_table --out=${WORK}/ops.md RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the tests of the ops failed")
endif()
function(without_errors file page)
  file(READ ${file} text)
  string(REGEX REPLACE "1e-?[0-9]+|0( / 0)? " "E " text "${text}")
  string(REGEX REPLACE "E( +/ +(E|0))*|0( / E)" "E" text "${text}")
  string(REGEX REPLACE "  +" " " text "${text}")
  set(${page} "${text}" PARENT_SCOPE)
endfunction()
without_errors(${SOURCE}/docs/ops.md kept)
without_errors(${WORK}/ops.md measured)
if(NOT kept STREQUAL measured)
  execute_process(COMMAND diff ${SOURCE}/docs/ops.md ${WORK}/ops.md)
  message(FATAL_ERROR "docs/ops.md is not what the tests measure; write it again:\n"
    "  build/release/tests/vitrine_tests --test-case='ops/*' --reporters=ops_table --out=docs/ops.md")
endif()
