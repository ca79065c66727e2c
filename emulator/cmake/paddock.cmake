# Compiler settings for every target, and the one way to add a library or a test.

add_library(paddock_settings INTERFACE)
target_include_directories(paddock_settings INTERFACE
  ${CMAKE_SOURCE_DIR}/emulator ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
# What GCC 12 warns of wrongly: a unity build's main file is no header (subobject-linkage); Asio's
# coroutine frames have their own new and delete (mismatched-new-delete); and at -O2 it loses track of
# nlohmann's moved values (maybe-uninitialized).
target_compile_options(paddock_settings INTERFACE -Wall -Wextra -Wpedantic -Werror -Wno-psabi
  $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage -Wno-mismatched-new-delete
    -Wno-maybe-uninitialized>)
target_compile_definitions(paddock_settings INTERFACE PADDOCK_VERSION="${PROJECT_VERSION}")

if(PADDOCK_SANITIZE STREQUAL "address")
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(PADDOCK_SANITIZE STREQUAL "thread")
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer -fsanitize=thread -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(PADDOCK_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(PADDOCK_SANITIZE)
  message(FATAL_ERROR "PADDOCK_SANITIZE must be empty, address, thread or fuzzer")
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Relative paths, so that a fresh clone beside an older one finds what that has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# paddock_library(NAME [DEPS lib...]): a static library of all .cpp files of the current folder.
function(paddock_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC paddock_settings ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE paddock_settings ${ARG_DEPS})
  endif()
endfunction()

# What runs under ThreadSanitizer: the tests with the label tsan.
add_custom_target(tsan_tests)

# paddock_test(NAME [DEPS lib...] [LABELS label...]): one GoogleTest program of all *_test.cpp files
# of the current folder, run by CTest as one test.
function(paddock_test name)
  cmake_parse_arguments(ARG "" "" "DEPS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE paddock_settings ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  # A test's own code is run once: compiled in less than half the time, it is as good.
  target_compile_options(${name} PRIVATE -O0)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS "${ARG_LABELS}")
  if(tsan IN_LIST ARG_LABELS)
    add_dependencies(tsan_tests ${name})
  endif()
endfunction()
