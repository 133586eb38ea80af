# Finds hiredis. Its own CMake configuration differs from version to version, and Debian 12's has no target. Imported
# targets: Hiredis::Hiredis, and Hiredis::SSL where that hiredis has TLS.

find_path(Hiredis_INCLUDE_DIR hiredis/hiredis.h)
find_library(Hiredis_LIBRARY hiredis)
if(Hiredis_INCLUDE_DIR)
  file(STRINGS "${Hiredis_INCLUDE_DIR}/hiredis/hiredis.h" hiredis_version_lines
    REGEX "#define HIREDIS_(MAJOR|MINOR|PATCH) ")
  list(TRANSFORM hiredis_version_lines REPLACE "[^0-9]+" "")
  list(JOIN hiredis_version_lines "." Hiredis_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Hiredis
  REQUIRED_VARS Hiredis_LIBRARY Hiredis_INCLUDE_DIR VERSION_VAR Hiredis_VERSION)

if(Hiredis_FOUND AND NOT TARGET Hiredis::Hiredis)
  add_library(Hiredis::Hiredis UNKNOWN IMPORTED)
  set_target_properties(Hiredis::Hiredis PROPERTIES
    IMPORTED_LOCATION "${Hiredis_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Hiredis_INCLUDE_DIR}")
endif()

# From the same place: two versions do not mix.
if(Hiredis_FOUND AND NOT TARGET Hiredis::SSL)
  get_filename_component(Hiredis_LIBRARY_DIR "${Hiredis_LIBRARY}" DIRECTORY)
  find_library(Hiredis_SSL_LIBRARY hiredis_ssl PATHS "${Hiredis_LIBRARY_DIR}" NO_DEFAULT_PATH)
  if(Hiredis_SSL_LIBRARY AND EXISTS "${Hiredis_INCLUDE_DIR}/hiredis/hiredis_ssl.h")
    find_package(OpenSSL QUIET)
    if(TARGET OpenSSL::SSL)
      add_library(Hiredis::SSL UNKNOWN IMPORTED)
      set_target_properties(Hiredis::SSL PROPERTIES
        IMPORTED_LOCATION "${Hiredis_SSL_LIBRARY}" INTERFACE_LINK_LIBRARIES "Hiredis::Hiredis;OpenSSL::SSL")
    endif()
  endif()
endif()
mark_as_advanced(Hiredis_INCLUDE_DIR Hiredis_LIBRARY Hiredis_SSL_LIBRARY)
