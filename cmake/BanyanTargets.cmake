# What all our targets have in common.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(BANYAN_CCACHE ccache)
  mark_as_advanced(BANYAN_CCACHE)
  if(BANYAN_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${BANYAN_CCACHE}")
  endif()
endif()

function(banyan_configure target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow> -Wnon-virtual-dtor -Woverloaded-virtual)
  # Designated initialisers that leave members out are how options are given.
  target_compile_options(${target} PRIVATE -Wno-missing-field-initializers)
  # g++ 12 warns of std::string's operator+ (its bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(BANYAN_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(BANYAN_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${BANYAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${BANYAN_SANITIZE})
    # What the instrumentation adds confuses this warning (GCC's manual says so); the uninstrumented builds have it.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
endfunction()
