# `cmake --install`: the library, every header as "vitrine/FOLDER/...", and what find_package(vitrine) reads.
option(VITRINE_INSTALL "Make the install target" ${PROJECT_IS_TOP_LEVEL})
if(NOT VITRINE_INSTALL)
  return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vitrine)

set(folders core kernels nn optim)
if(VITRINE_BUILD_DATA)
  list(APPEND folders data)
endif()
if(VITRINE_BUILD_MODELS)
  list(APPEND folders models)
endif()
foreach(folder ${folders})
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vitrine/${folder} FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/include/vitrine/config.h ${PROJECT_BINARY_DIR}/include/vitrine/vitrine.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vitrine)

install(TARGETS vitrine EXPORT vitrine ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT vitrine NAMESPACE vitrine:: FILE vitrine-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/vitrine-config.cmake.in ${PROJECT_BINARY_DIR}/vitrine-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vitrine-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vitrine-config.cmake ${PROJECT_BINARY_DIR}/vitrine-config-version.cmake
  cmake/vitrine_add_op.cmake cmake/vitrine_simt_check.cmake cmake/vitrine_cuda_options.cmake DESTINATION ${package_dir})
install(FILES cmake/simt/CMakeLists.txt DESTINATION ${package_dir}/simt)
install(FILES LICENSE THIRD_PARTY_NOTICES.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
