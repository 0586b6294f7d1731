# Cross-compiles the emulator, tests/simt/kernels.cu and switches.cpp for AArch64 and runs them under qemu.
#
#   cmake -DSOURCE=... -DWORK=... [-DLAUNCHER=ccache] -P run.cmake
find_program(CXX NAMES aarch64-linux-gnu-g++)
find_program(QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(NOT CXX OR NOT QEMU)
  message("SKIPPED: needs aarch64-linux-gnu-g++ and qemu-aarch64 (Debian: g++-aarch64-linux-gnu, qemu-user)")
  return()
endif()

set(VITRINE_HAS_SIMT ON)
set(VITRINE_SIMT_ONE_WORKER ON)
file(MAKE_DIRECTORY ${WORK}/include/vitrine)
file(CREATE_LINK ${SOURCE}/kernels ${WORK}/include/vitrine/kernels SYMBOLIC)
configure_file(${SOURCE}/cmake/config.h.in ${WORK}/include/vitrine/config.h)

file(GLOB sources ${SOURCE}/kernels/simt/*.cpp)
list(APPEND sources ${SOURCE}/kernels/base/parallel.cpp ${SOURCE}/tests/simt/kernels.cu ${CMAKE_CURRENT_LIST_DIR}/switches.cpp)
set(objects)
foreach(source ${sources})
  get_filename_component(name ${source} NAME)
  execute_process(COMMAND ${LAUNCHER} ${CXX} -std=c++20 -O1 -Wall -Wextra -Werror -Wno-unknown-pragmas -I${WORK}/include -I${SOURCE}/tests/simt
    -x c++ -c ${source} -o ${WORK}/${name}.o COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND objects ${WORK}/${name}.o)
endforeach()
execute_process(COMMAND ${CXX} -static ${objects} -o ${WORK}/switches COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${QEMU} ${WORK}/switches COMMAND_ERROR_IS_FATAL ANY)
