# Runs COMMAND with an empty folder WORK for its last argument: cmake -D WORK=... -D "COMMAND=...;..." -P THIS
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${COMMAND} ${WORK} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "exit code ${result}: ${COMMAND} ${WORK}")
endif()
