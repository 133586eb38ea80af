# find_package(banyan) gives banyan::banyan, and banyan::caf for those who include <banyan/caf.hpp>.

include(CMakeFindDependencyMacro)
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
find_dependency(Threads)
find_dependency(MsgpackCxx)
# The static library is linked together with these.
find_dependency(CAF COMPONENTS core)
find_dependency(SQLite3)
find_dependency(Hiredis)
find_dependency(spdlog CONFIG)
list(POP_FRONT CMAKE_MODULE_PATH)

include("${CMAKE_CURRENT_LIST_DIR}/banyanTargets.cmake")
