# build/include/vitrine/{core,kernels,...} are links to the folders, so that "vitrine/core/tensor.h" means the same
# file in the library, in a test and in a user's program, and no folder name of ours gets onto anybody's include path.
set(VITRINE_HAS_CUDA ${VITRINE_CUDA})
set(VITRINE_HAS_SIMT ${VITRINE_SIMT})
set(VITRINE_HAS_DATA ${VITRINE_BUILD_DATA})
set(VITRINE_HAS_MODELS ${VITRINE_BUILD_MODELS})
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/vitrine)
foreach(folder core kernels nn optim data models)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/include/vitrine/${folder} SYMBOLIC)
endforeach()
configure_file(cmake/config.h.in ${PROJECT_BINARY_DIR}/include/vitrine/config.h)
configure_file(cmake/vitrine.h.in ${PROJECT_BINARY_DIR}/include/vitrine/vitrine.h COPYONLY)
