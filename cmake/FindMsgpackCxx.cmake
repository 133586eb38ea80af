# Finds the C++ headers of msgpack-c. Its own CMake configuration goes by another name in each major version,
# and Debian 12 installs it where find_package does not look. Imported target: MsgpackCxx::MsgpackCxx.

find_path(MsgpackCxx_INCLUDE_DIR msgpack.hpp)
# msgpack.hpp includes Boost's preprocessor headers.
find_path(MsgpackCxx_BOOST_INCLUDE_DIR boost/preprocessor.hpp)
if(MsgpackCxx_INCLUDE_DIR)
  file(STRINGS "${MsgpackCxx_INCLUDE_DIR}/msgpack/version_master.hpp" msgpack_version_lines
    REGEX "#define MSGPACK_VERSION_(MAJOR|MINOR|REVISION)")
  list(TRANSFORM msgpack_version_lines REPLACE "[^0-9]+" "")
  list(JOIN msgpack_version_lines "." MsgpackCxx_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MsgpackCxx
  REQUIRED_VARS MsgpackCxx_INCLUDE_DIR MsgpackCxx_BOOST_INCLUDE_DIR VERSION_VAR MsgpackCxx_VERSION)

if(MsgpackCxx_FOUND AND NOT TARGET MsgpackCxx::MsgpackCxx)
  add_library(MsgpackCxx::MsgpackCxx INTERFACE IMPORTED)
  set_target_properties(MsgpackCxx::MsgpackCxx PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${MsgpackCxx_INCLUDE_DIR};${MsgpackCxx_BOOST_INCLUDE_DIR}")
endif()
mark_as_advanced(MsgpackCxx_INCLUDE_DIR MsgpackCxx_BOOST_INCLUDE_DIR)
