# SPDX-License-Identifier: MIT
# Lists the .cpp files of a folder and writes the constant table of what they define, so that adding a file is all it
# takes and a file that forgets its constant is a link error that names it.
#
#   mp_table(<output variable> <folder> <template> <generated file> <declaration> <row>)
#
# In declaration and row, NAME stands for a file's name without its ending; the template sees what they become as
# @MP_DECLARATIONS@ and @MP_ROWS@.
function(mp_table out folder template generated declare row)
    file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
    list(SORT files)
    set(MP_DECLARATIONS "")
    set(MP_ROWS "")
    foreach(file IN LISTS files)
        get_filename_component(name ${file} NAME_WE)
        string(REPLACE "NAME" "${name}" declaration "${declare}")
        string(REPLACE "NAME" "${name}" line "${row}")
        string(APPEND MP_DECLARATIONS "${declaration}\n")
        string(APPEND MP_ROWS "    ${line},\n")
    endforeach()
    configure_file(${template} ${generated} @ONLY)
    set(${out} ${files} PARENT_SCOPE)
endfunction()
