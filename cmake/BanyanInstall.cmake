# Installs the library so that find_package(banyan) gives banyan::banyan and banyan::caf.

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/banyan")

install(DIRECTORY include/banyan DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
install(TARGETS banyan banyan_caf banyan_host banyan_jobs EXPORT banyanTargets)
install(EXPORT banyanTargets NAMESPACE banyan:: DESTINATION "${package_dir}")

write_basic_package_version_file("${PROJECT_BINARY_DIR}/banyanConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
if(TARGET Hiredis::SSL)
  set(banyan_has_redis_tls TRUE)
else()
  set(banyan_has_redis_tls FALSE)
endif()
if(TARGET OpenSSL::Crypto)
  set(banyan_has_openssl TRUE)
else()
  set(banyan_has_openssl FALSE)
endif()
configure_file(cmake/banyanConfig.cmake.in banyanConfig.cmake @ONLY)
install(FILES
  "${PROJECT_BINARY_DIR}/banyanConfig.cmake" cmake/FindCAF.cmake cmake/FindCctz.cmake cmake/FindHiredis.cmake
  cmake/FindMsgpackCxx.cmake
  "${PROJECT_BINARY_DIR}/banyanConfigVersion.cmake"
  DESTINATION "${package_dir}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
