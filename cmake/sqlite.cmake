# SPDX-License-Identifier: MIT
# mp_sqlite: SQLite as both programs link it, and whether the hook is linked without shared libraries.
set(MCP_PUSH_HOOK_IS_STATIC OFF)
if(MCP_PUSH_STATIC_HOOK AND NOT APPLE AND NOT MCP_PUSH_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
    set(MCP_PUSH_HOOK_IS_STATIC ON)
endif()

find_package(SQLite3 REQUIRED)
add_library(mp_sqlite INTERFACE)
if(MCP_PUSH_HOOK_IS_STATIC)
    find_library(MCP_PUSH_SQLITE_STATIC libsqlite3.a)
    if(NOT MCP_PUSH_SQLITE_STATIC)
        message(FATAL_ERROR "libsqlite3.a is not here: install it, or configure with -DMCP_PUSH_STATIC_HOOK=OFF")
    endif()
    target_include_directories(mp_sqlite INTERFACE ${SQLite3_INCLUDE_DIRS})
    target_link_libraries(mp_sqlite INTERFACE ${MCP_PUSH_SQLITE_STATIC} m ${CMAKE_DL_LIBS})
else()
    target_link_libraries(mp_sqlite INTERFACE SQLite::SQLite3)
endif()
