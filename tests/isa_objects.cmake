# Files compiled with extra instruction-set flags must not define anything that the linker could take for the rest of
# the program: no weak function or variable (nm: W, V, u). Looks at the objects of this build and, since inlining hides
# such functions, at the same files compiled without optimisation.
#
#   cmake -DNM=nm -DCXX=g++ -DSOURCES="a_avx512.cpp;..." -DOBJECTS="a_avx512.cpp.o;..." -DINCLUDE=build/include
#         -DSCRATCH=folder -P isa_objects.cmake
function(check_object object)
  execute_process(COMMAND ${NM} -C ${object} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${NM} cannot read ${object}")
  endif()
  if(NOT symbols MATCHES " T vitrine::kernels::")
    message(FATAL_ERROR "${object} defines no entry")
  endif()
  if(symbols MATCHES "\n[0-9a-f ]* [WwVvu] [^\n]*")
    message(FATAL_ERROR "${object} defines what other files may share:${CMAKE_MATCH_0}")
  endif()
endfunction()

list(LENGTH OBJECTS count)
if(count EQUAL 0)
  message(FATAL_ERROR "no object was compiled for an instruction set")
endif()
foreach(object ${OBJECTS})
  check_object(${object})
endforeach()

foreach(source ${SOURCES})
  set(flags -mavx2 -mfma)
  if(source MATCHES "_avx512\\.cpp$")
    set(flags -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma)
  elseif(source MATCHES "_avx512bf16\\.cpp$")
    set(flags -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx512bf16 -mfma)
  endif()
  get_filename_component(name ${source} NAME)
  set(object ${SCRATCH}/${name}.O0.o)
  execute_process(COMMAND ${CXX} -std=c++20 -O0 -fPIC ${flags} -I ${INCLUDE} -c ${source} -o ${object}
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${source} does not compile")
  endif()
  check_object(${object})
endforeach()
message(STATUS "${count} objects define no weak symbol")
