# vitrine_precompile(TARGET HEADER...): with the option VITRINE_PCH these headers are read once for all sources of the
# target. Sources with flags of their own leave them out (SKIP_PRECOMPILE_HEADERS). A build without optimisation takes half
# as long so; the presets whose purpose is another than the library as it is installed turn it on, so that a build
# without it tells which source does not include what it uses.
function(vitrine_precompile target)
  if(VITRINE_PCH)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    vitrine_precompile_options(${target})
  endif()
endfunction()

# vitrine_precompile_like(TARGET OTHER): the headers of `other`, which is compiled with the same options.
function(vitrine_precompile_like target other)
  if(VITRINE_PCH)
    target_precompile_headers(${target} REUSE_FROM ${other})
    vitrine_precompile_options(${target})
  endif()
endfunction()

# ccache needs to see the include line of the precompiled header in what g++ preprocesses.
function(vitrine_precompile_options target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endfunction()

# And it must be told that macros defined since do not matter, as the compiler itself says where they do.
if(VITRINE_PCH AND CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$" AND NOT DEFINED ENV{CCACHE_SLOPPINESS})
  list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros)
endif()
