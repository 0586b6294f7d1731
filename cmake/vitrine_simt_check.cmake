# vitrine_simt_check_options(TARGET): with the option VITRINE_SIMT_CHECK the emulator watches every access to memory that
# this target's code makes inside a kernel. The compiler announces them by calls to __tsan_read4(address) and the like,
# which kernels/simt/check/callbacks.cpp defines; ThreadSanitizer's own run-time is never linked.
# Arithmetic without a meaning and misaligned pointers are announced to kernels/simt/check/overflow.cpp. A section for each
# variable lets the linker put shared arrays, which are aligned to 64 KiB, next to each other and nothing between them.
# Each basic block calls __sanitizer_cov_trace_pc() of kernels/simt/check/branches.cpp, for the profile of branches.
set(VITRINE_SIMT_CHECK_FLAGS -g -fsanitize=thread -fsanitize-coverage=trace-pc -fdata-sections
  -fsanitize=signed-integer-overflow,shift,integer-divide-by-zero,alignment)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND VITRINE_SIMT_CHECK_FLAGS --param=tsan-instrument-func-entry-exit=0
    --param=tsan-distinguish-volatile=1 -Wno-tsan -fsanitize=bounds)
else()
  list(APPEND VITRINE_SIMT_CHECK_FLAGS -mllvm -tsan-instrument-func-entry-exit=0
    -mllvm -tsan-instrument-read-before-write=1 -mllvm -tsan-distinguish-volatile=1 -fsanitize=array-bounds)
endif()
list(JOIN VITRINE_SIMT_CHECK_FLAGS " " VITRINE_SIMT_CHECK_FLAGS)  # one string: what a source file's COMPILE_FLAGS takes
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")  # libdw finds the place of an address by a section that g++ writes by itself
  string(APPEND VITRINE_SIMT_CHECK_FLAGS " -gdwarf-aranges")
endif()

function(vitrine_simt_check_options target)
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:${VITRINE_SIMT_CHECK_FLAGS}>")
endfunction()

# The checker itself: libdw reads the program's debug information, for lines and names.
function(vitrine_add_checker target)
  find_path(LIBDW_INCLUDE_DIR elfutils/libdw.h)
  find_library(LIBDW_LIBRARY dw)
  if(NOT LIBDW_INCLUDE_DIR OR NOT LIBDW_LIBRARY)
    message(FATAL_ERROR "VITRINE_SIMT_CHECK needs libdw of elfutils (Debian: libdw-dev)")
  endif()
  target_include_directories(${target} PRIVATE ${LIBDW_INCLUDE_DIR})
  target_link_libraries(${target} PRIVATE ${LIBDW_LIBRARY})
  target_link_options(${target} INTERFACE LINKER:--sort-section=alignment)
endfunction()
