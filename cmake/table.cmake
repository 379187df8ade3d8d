# mp_table(OUT var FOLDER dir PREFIX p HEADER h ...): lists the .cpp files of a folder and writes the constant table of
# what they define, so that adding a file is all it takes and a file that forgets its constant is a link error.
#
#   mp_table(<output variable> <folder> <template.in> <generated file>)
# The template sees @MP_DECLARATIONS@ (one line a name, from MP_DECLARE with NAME replaced) and @MP_ROWS@ (MP_ROW).
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
