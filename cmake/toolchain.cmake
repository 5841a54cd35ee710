# A compiler cache and a fast linker where they are found; nothing depends on them.
find_program(SKILLBOX_CCACHE ccache)
if(SKILLBOX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Precompiled headers carry time stamps; without this every object that uses one is a miss.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros ${SKILLBOX_CCACHE})
endif()
find_program(SKILLBOX_MOLD mold)
if(SKILLBOX_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
