# SPDX-License-Identifier: MIT
# What every target of ours is built with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
endif()

# ccache where it is installed; base_dir and hash_dir let several checkouts share its entries.
find_program(MCP_PUSH_CCACHE ccache)
if(MCP_PUSH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Through the environment: options on ccache's own command line came only after the 4.7 of Debian 12.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${MCP_PUSH_CCACHE})
endif()

function(standard_settings target)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wno-sign-conversion
        -Wno-missing-field-initializers)
    if(MCP_PUSH_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
        target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
        if(NOT APPLE)
            target_link_options(${target} PRIVATE -Wl,--gc-sections)
        endif()
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND (CMAKE_BUILD_TYPE STREQUAL "Release" OR MCP_PUSH_SANITIZE))
        # False alarms of an optimising g++ 12 about std::string's operator+ and std::optional; the dev and clang builds
        # look at the same lines.
        target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
    endif()
    if(MCP_PUSH_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${MCP_PUSH_SANITIZE} -fno-sanitize-recover=all
            -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${MCP_PUSH_SANITIZE})
    endif()
endfunction()

# Headers that nearly every file needs, parsed once per target.
function(standard_precompiled target)
    if(NOT MCP_PUSH_NO_PCH)
        target_precompile_headers(${target} PRIVATE
            <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <variant> <vector>
            <nlohmann/json.hpp>)
    endif()
endfunction()
