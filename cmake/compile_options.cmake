# The flags of the library, its tests, examples and bench. None of them reaches a program that links it.
function(vitrine_compile_options target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # g++ 12 sees overlaps in std::string that are not there (its bug 105651)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
  endif()
  if(NOT VITRINE_OPENMP)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-unknown-pragmas>)
  endif()
  if(VITRINE_WERROR)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
  endif()
  if(VITRINE_NATIVE)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-march=native>)
  endif()
  # Loops over floats become vectors only when nobody looks at errno or at floating-point exceptions.
  # Unlike -ffast-math these keep NaN, infinities and the order of sums.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno -fno-trapping-math -ffp-contract=fast>)
  if(VITRINE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${VITRINE_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${VITRINE_SANITIZE})
  endif()
  # Headers are found through links in build/include: name the real files in debug info and messages.
  # g++ lets the last matching map win.
  foreach(folder core kernels nn optim data models)
    foreach(kind debug macro)
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-f${kind}-prefix-map=${PROJECT_BINARY_DIR}/include/vitrine/${folder}=${PROJECT_SOURCE_DIR}/${folder}>)
    endforeach()
  endforeach()
endfunction()
