# What the scripts of this folder have in common. WORK is the folder that commands run in.
# expect(CODE COMMAND...): runs it; sets `out` and `err`.
function(expect code)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL code)
    message(SEND_ERROR "exit code ${result}, not ${code}: ${ARGN}\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect_match text pattern)
  if(NOT text MATCHES "${pattern}")
    message(SEND_ERROR "no \"${pattern}\" in:\n${text}")
  endif()
endfunction()

# refused(PATTERN COMMAND...): exit code 2, nothing on standard output, one line on standard error.
function(refused pattern)
  expect(2 ${ARGN})
  expect_match("${err}" "^[^\n]*${pattern}[^\n]*\n$")
  if(NOT out STREQUAL "")
    message(SEND_ERROR "this went to standard output: ${out}")
  endif()
endfunction()
