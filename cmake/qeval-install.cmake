# install(): headers, the targets, and a package file for find_package(qeval).
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(qeval_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/qeval") # share/: nothing here depends on the architecture
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/qeval" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS qeval_headers EXPORT qeval)
install(EXPORT qeval NAMESPACE qeval:: FILE qevalTargets.cmake DESTINATION "${qeval_package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/qevalConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/qevalConfig.cmake" INSTALL_DESTINATION "${qeval_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/qevalConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/qevalConfig.cmake" "${PROJECT_BINARY_DIR}/qevalConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/qeval-dependencies.cmake" DESTINATION "${qeval_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
