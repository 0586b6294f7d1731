# lldb on a kernel whose stacks are OS threads: it lists CUDA threads by name, and next over a barrier stays in its thread.
#
#   cmake -DPROGRAM=.../step_simt -P lldb_threads.cmake
find_program(LLDB lldb)
if(NOT LLDB)
  message("SKIPPED: needs lldb (Debian: lldb)")
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/line_of.cmake)
line_of(barrier ${CMAKE_CURRENT_LIST_DIR}/step_simt.cpp "first barrier")
math(EXPR after "${barrier} + 1")
# Containers may forbid to switch off the randomness of addresses, and lldb insists.
execute_process(COMMAND ${CMAKE_COMMAND} -E env VITRINE_SIMT_SWITCH=threads ${LLDB} --batch
  -o "settings set target.disable-aslr false" -o "breakpoint set --file step_simt.cpp --line ${barrier} --condition \"threadIdx.x == 5 && blockIdx.x == 1\""
  -o "process launch --no-stdio" -o "thread list" -o next -o "expression threadIdx" -o "frame variable value" -o "process kill" -- ${PROGRAM}
  OUTPUT_VARIABLE output ERROR_VARIABLE output)
foreach(want "name = 't4,0,0 b1,0'" "name = 't0,0,0 b1,0'" "name = 't5,0,0 b1,0', stop reason = step over" "step_simt.cpp:${after}:" "x = 5, y = 0, z = 0" "value = 69")
  string(FIND "${output}" "${want}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "lldb did not print: ${want}\n${output}")
  endif()
endforeach()
message("passed")
