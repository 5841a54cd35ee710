# One target carries the flags of every other target.
add_library(skillbox_flags INTERFACE)
target_compile_options(skillbox_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wimplicit-fallthrough -Wformat=2 -Wundef
    -fstack-protector-strong)
if(SKILLBOX_WERROR)
    target_compile_options(skillbox_flags INTERFACE -Werror)
endif()
if(SKILLBOX_SANITIZE)
    target_compile_options(skillbox_flags INTERFACE
        -fsanitize=${SKILLBOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(skillbox_flags INTERFACE -fsanitize=${SKILLBOX_SANITIZE})
    if(SKILLBOX_SANITIZE MATCHES "thread")
        # GCC warns that fences are invisible to the thread sanitizer; Qt's headers use them.
        target_compile_options(skillbox_flags INTERFACE -Wno-tsan)
    endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
    target_compile_definitions(skillbox_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_compile_definitions(skillbox_flags INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_KEYWORDS
    QT_DISABLE_DEPRECATED_BEFORE=0x060400)
target_include_directories(skillbox_flags INTERFACE ${PROJECT_SOURCE_DIR})

# A room of the engine: one static library per folder, includes written from the project's root.
function(skillbox_engine_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC skillbox_flags Qt6::Core tl::expected ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    skillbox_use_pch_core(${name})
endfunction()

# RapidJSON adds to the null pointer of its empty stack, which only clang's sanitizer minds. For
# sources of the calling folder that fuzz targets get to.
function(skillbox_excuse_rapidjson)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND SKILLBOX_SANITIZE MATCHES "undefined")
        set_source_files_properties(${ARGN} PROPERTIES
            COMPILE_OPTIONS -fno-sanitize=pointer-overflow SKIP_PRECOMPILE_HEADERS ON)
    endif()
endfunction()
