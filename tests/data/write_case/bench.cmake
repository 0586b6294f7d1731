# build/NAME/bench/case: exported calls of several ops run, compared and timed; a wrong number is found with its index, and
# what cannot run says so.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${WRITE} WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)

# Runs the program with the arguments after `wanted`; its exit code and what it prints must be those.
function(expect code wanted)
  execute_process(COMMAND ${CASE} ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE is OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT is EQUAL code OR NOT text MATCHES "${wanted}")
    message(FATAL_ERROR "case ${ARGN}: exit code ${is}, wanted ${code} and \"${wanted}\"\n${text}")
  endif()
endfunction()

set(time "[0-9.]+ ms median, +[0-9.]+ least of [0-9]+, [0-9.]+ GB/s, [0-9.]+ GFLOP/s")
foreach(device ${DEVICES})
  foreach(op softmax conv2d lstm batch_norm)
    expect(0 "^${op} \\(write_case.cpp:[0-9]+\\) on ${device}, 1 threads: .*forward +${time}\n  backward +${time}\n$"
      ${op}.safetensors --device ${device} --threads 1 --seconds 0.01)
  endforeach()
endforeach()
expect(0 "\"op\":\"softmax\".*\"wrong\":false" softmax.safetensors --json --seconds 0.01)
expect(1 "^case: softmax \\(write_case.cpp:[0-9]+\\) on cpu: output 0 at \\(1, 2\\) is 0.0[0-9]+, in the file 0.[0-9]+; they may lie "
  wrong.safetensors)
expect(1 "\"index\":\"\\(1, 2\\)\".*\"wrong\":true" wrong.safetensors --json)
expect(0 "furthest is output 0 at \\(1, 2\\)" wrong.safetensors --tolerance 0.2 --seconds 0.01)

expect(2 "^case: load_safetensors: none.safetensors: cannot be opened" none.safetensors)
expect(2 "^case: weights.safetensors: it is no case of export_case\\(\\)" weights.safetensors)
expect(2 "^case: run_case: a file does not say how to call cube; pass the call as a function" cube.safetensors)
expect(2 "^case: .*--thread" softmax.safetensors --thread 2)
expect(2 "^case: .*tpu" softmax.safetensors --device tpu)
expect(2 "^case: .*--seconds" softmax.safetensors --seconds -1)
expect(2 "^case: file is required" --json)
if(NOT DEVICES MATCHES simt)
  expect(2 "^case: device: simt is not in this build" softmax.safetensors --device simt)
endif()
