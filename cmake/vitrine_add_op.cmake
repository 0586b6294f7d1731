# vitrine_add_op(NAME [COMPOSED] [TARGET target])
#
# Adds one op to `target` (default: vitrine): every file of its stem, found by name below the current source directory.
#
#   kernels/NAME/NAME.h            the contract                        core/ops/NAME*.{h,cpp}   the op and its node
#   kernels/NAME/NAME_cpu*.cpp     CPU kernels                         tests/cases/NAME.h       (library only)
#   kernels/NAME/NAME_cuda*.cu     CUDA kernels, compiled for each     tests/ops/NAME.cpp       (library only)
#                                  GPU device of the build             bench/ops/NAME.cpp       (library only)
#
# A missing part stops the configure step. Files ending in _avx512.cpp, _avx512bf16.cpp and _avx2.cpp get the flags of
# that instruction set. In a project of your own the same layout and the same call add an op of yours:
#
#   find_package(vitrine REQUIRED)            # or add_subdirectory
#   add_executable(prog main.cpp)
#   vitrine_add_op(myop TARGET prog)          # links prog with vitrine::vitrine
#
# COMPOSED: an op that calls other ops and has no kernels of its own; core/ops/NAME*.{h,cpp} and, in the library,
# tests/ops/NAME.cpp are all there is.
#
# With a vitrine that has device cuda the project enables the language first: project(... LANGUAGES CXX CUDA).
function(vitrine_add_op name)
  cmake_parse_arguments(arg "COMPOSED" "TARGET" "" ${ARGN})
  set(outside TRUE)
  if(NOT arg_TARGET)
    set(arg_TARGET vitrine)
    set(outside FALSE)
  endif()
  set(root ${CMAKE_CURRENT_SOURCE_DIR})

  set(parts core/ops/${name}.h)
  set(kinds ops)
  if(NOT outside)
    list(APPEND parts tests/ops/${name}.cpp)
  endif()
  if(NOT arg_COMPOSED)
    list(APPEND parts kernels/${name}/${name}.h)
    list(APPEND kinds cpu cuda)
    if(NOT outside)
      list(APPEND parts tests/cases/${name}.h bench/ops/${name}.cpp)
    endif()
  endif()
  foreach(part ${parts})
    if(NOT EXISTS ${root}/${part})
      message(FATAL_ERROR "vitrine_add_op(${name}): ${part} is missing")
    endif()
  endforeach()
  file(GLOB cpu CONFIGURE_DEPENDS ${root}/kernels/${name}/${name}_cpu*.cpp)
  file(GLOB cuda CONFIGURE_DEPENDS ${root}/kernels/${name}/${name}_cuda*.cu)
  file(GLOB ops CONFIGURE_DEPENDS ${root}/core/ops/${name}.cpp ${root}/core/ops/${name}_*.cpp)
  foreach(kind ${kinds})
    if(NOT ${kind})
      message(FATAL_ERROR "vitrine_add_op(${name}): no ${kind} source of that name")
    endif()
  endforeach()

  foreach(file ${cpu})
    if(file MATCHES "_avx512\\.cpp$")
      set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512vl;-mavx512dq;-mavx512bw;-mfma")
    elseif(file MATCHES "_avx512bf16\\.cpp$")
      set_source_files_properties(${file} PROPERTIES
        COMPILE_OPTIONS "-mavx512f;-mavx512vl;-mavx512dq;-mavx512bw;-mavx512bf16;-mfma")
    elseif(file MATCHES "_avx2\\.cpp$")
      set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma")
    endif()
    if(file MATCHES "_avx[0-9a-z]*\\.cpp$")
      set_source_files_properties(${file} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
      if(VITRINE_SANITIZE)  # without it every intrinsic is a call that watches its own frame
        set_property(SOURCE ${file} APPEND PROPERTY COMPILE_OPTIONS -O1
          $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
      endif()
    endif()
  endforeach()

  target_sources(${arg_TARGET} PRIVATE ${cpu} ${ops})
  if(outside)
    target_link_libraries(${arg_TARGET} PRIVATE vitrine::vitrine)
  endif()
  get_target_property(has_cuda vitrine::vitrine VITRINE_HAS_CUDA)
  get_target_property(has_simt vitrine::vitrine VITRINE_HAS_SIMT)
  if(has_cuda AND cuda)
    if(NOT CMAKE_CUDA_COMPILER)
      message(FATAL_ERROR "vitrine_add_op(${name}): this vitrine has device cuda; add CUDA to the languages of project()")
    endif()
    target_sources(${arg_TARGET} PRIVATE ${cuda})
    if(outside)
      vitrine_cuda_options(${arg_TARGET})
    endif()
  endif()
  if(has_simt AND cuda)
    # A file has one language in a directory; in a directory of their own the .cu files are C++.
    set(VITRINE_SIMT_OP_TARGET ${arg_TARGET})
    set(VITRINE_SIMT_TARGET ${arg_TARGET}_${name}_simt)
    set(VITRINE_SIMT_SOURCES ${cuda})
    set(VITRINE_SIMT_OUTSIDE ${outside})
    get_target_property(VITRINE_SIMT_CHECKED vitrine::vitrine VITRINE_SIMT_CHECK)
    add_subdirectory(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/simt ${CMAKE_CURRENT_BINARY_DIR}/simt/${VITRINE_SIMT_TARGET})
    target_sources(${arg_TARGET} PRIVATE $<TARGET_OBJECTS:${VITRINE_SIMT_TARGET}>)
  endif()
  if(NOT outside)
    set_property(GLOBAL APPEND PROPERTY VITRINE_OPS ${name})
  endif()
endfunction()
