# A case that was exported passes; one with a wrong number in its output is found, on every device; a call that no case is
# fails.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${WRITE} WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)

function(run op case result output)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env VITRINE_CASE=${case} ${TESTS} --test-case=ops/${op}*
    WORKING_DIRECTORY ${WORK} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

run(softmax softmax.safetensors code text)
if(NOT code EQUAL 0 OR NOT text MATCHES "softmax, by the tolerance of \"[a-z ]+\", on cpu: forward in [0-9.]+ us, [0-9.]+ GB/s")
  message(FATAL_ERROR "the exported case did not pass:\n${text}")
endif()
run(softmax wrong.safetensors code text)
if(code EQUAL 0 OR NOT text MATCHES "softmax \\(write_case.cpp:[0-9]+\\) on cpu: the output is 0.00[0-9]+ from the file's")
  message(FATAL_ERROR "the wrong number was not found:\n${text}")
endif()
run(softmax other.safetensors code text)
if(code EQUAL 0 OR NOT text MATCHES "VITRINE_CASE=other.safetensors: none of the cases in [1-9][0-9]* lists is this call")
  message(FATAL_ERROR "a call of another op passed:\n${text}")
endif()

# Ops with several outputs, where the program has their tests.
execute_process(COMMAND ${TESTS} --list-test-cases OUTPUT_VARIABLE tests COMMAND_ERROR_IS_FATAL ANY)
foreach(op lstm batch_norm)
  string(REPLACE lstm recurrent folder ${op})
  if(tests MATCHES "ops/${folder}:")
    run(${folder} ${op}.safetensors code text)
    if(NOT code EQUAL 0 OR NOT text MATCHES "${op}, by the tolerance of \"[^\"]+\", on cpu: forward in [0-9.]+ us")
      message(FATAL_ERROR "the exported ${op} did not pass:\n${text}")
    endif()
  endif()
endforeach()
