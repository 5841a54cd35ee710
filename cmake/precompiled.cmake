# Shared precompiled headers: parsing QtCore takes seconds a file, a precompiled header one.
# Targets reuse one header only if they are compiled with the same flags, so all go through these.
function(skillbox_add_pch name)
    file(WRITE ${CMAKE_BINARY_DIR}/pch/${name}.cpp.in "// Carries a precompiled header; has no code.\n")
    configure_file(${CMAKE_BINARY_DIR}/pch/${name}.cpp.in ${CMAKE_BINARY_DIR}/pch/${name}.cpp COPYONLY)
    add_library(${name} STATIC ${CMAKE_BINARY_DIR}/pch/${name}.cpp)
    cmake_parse_arguments(arg "" "" "LINK;HEADERS" ${ARGN})
    target_link_libraries(${name} PUBLIC skillbox_flags tl::expected ${arg_LINK})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

# Test code is compiled once per run of the tests and runs for milliseconds: not optimising it halves
# the time to build it. What it tests is compiled as the preset says. Glibc's checks want optimising.
set(SKILLBOX_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)

skillbox_add_pch(skillbox_pch_core LINK Qt6::Core
    HEADERS <QtCore> <chrono> <functional> <memory> <optional> <span> <stop_token> <variant> <tl/expected.hpp>)
if(TARGET Qt6::Test)
    skillbox_add_pch(skillbox_pch_test LINK Qt6::Core Qt6::Test
        HEADERS <QtCore> <QtTest> <chrono> <functional> <memory> <optional> <stop_token> <tl/expected.hpp>)
    target_compile_options(skillbox_pch_test PRIVATE ${SKILLBOX_TEST_OPTIONS})
endif()
if(TARGET Qt6::Widgets)
    skillbox_add_pch(skillbox_pch_gui LINK Qt6::Core Qt6::Gui Qt6::Widgets
        HEADERS <QtCore> <QtGui> <QtWidgets> <chrono> <functional> <memory> <optional> <tl/expected.hpp>)
    if(TARGET Qt6::Test)
        skillbox_add_pch(skillbox_pch_gui_test LINK Qt6::Core Qt6::Gui Qt6::Widgets Qt6::Test
            HEADERS <QtCore> <QtGui> <QtWidgets> <QtTest> <chrono> <functional> <memory> <optional>
                <tl/expected.hpp>)
        target_compile_options(skillbox_pch_gui_test PRIVATE ${SKILLBOX_TEST_OPTIONS})
    endif()
endif()

# The CLI is the half of `./dev demo` that is compiled, and waits for the engine when it runs: preset
# dev does not optimise it (SKILLBOX_CLI_OPTIONS), which halves the time to the first run.
skillbox_add_pch(skillbox_pch_cli LINK Qt6::Core CLI11::CLI11
    HEADERS <QtCore> <chrono> <functional> <memory> <optional> <span> <stop_token> <variant>
        <tl/expected.hpp> <CLI/CLI.hpp>)
target_compile_options(skillbox_pch_cli PRIVATE ${SKILLBOX_CLI_OPTIONS})

function(skillbox_use_pch_core name)
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_core)
endfunction()
function(skillbox_use_pch_cli name)
    target_compile_options(${name} PRIVATE ${SKILLBOX_CLI_OPTIONS})
    # Reading CLI11 costs a batch more than the code in it.
    set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 16)
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_cli)
endfunction()
function(skillbox_use_pch_test name)
    target_compile_options(${name} PRIVATE ${SKILLBOX_TEST_OPTIONS})
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_test)
endfunction()
function(skillbox_use_pch_gui name)
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_gui)
endfunction()
function(skillbox_use_pch_gui_test name)
    target_compile_options(${name} PRIVATE ${SKILLBOX_TEST_OPTIONS})
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_gui_test)
endfunction()
