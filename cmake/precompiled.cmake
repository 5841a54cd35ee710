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

# What most files of the engine read. The whole of <QtCore> takes twice as long, and all wait for it.
skillbox_add_pch(skillbox_pch_core LINK Qt6::Core
    HEADERS <QByteArray> <QByteArrayList> <QByteArrayView> <QCoreApplication> <QDateTime> <QDir> <QFile> <QFileInfo>
        <QHash> <QIODevice> <QJsonArray> <QJsonDocument> <QJsonObject> <QList> <QLoggingCategory> <QMap>
        <QProcessEnvironment> <QRegularExpression> <QSaveFile> <QSet> <QString> <QStringDecoder> <QStringList>
        <QTemporaryDir> <QUrl>
        <chrono> <functional> <memory> <optional> <span> <stop_token> <variant> <tl/expected.hpp>)
# The engine waits for disks and sandboxes; not optimising it halves the time from a clone to the
# first run. Preset dev says so in SKILLBOX_CORE_OPTIONS; what is measured is built by preset bench,
# what is installed by release. The sandbox's launcher and the desktop's own code are optimised always.
target_compile_options(skillbox_pch_core PRIVATE ${SKILLBOX_CORE_OPTIONS})
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

function(skillbox_use_pch_core name)
    target_compile_options(${name} PRIVATE ${SKILLBOX_CORE_OPTIONS})
    # What a batch includes costs more than the code in it.
    set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 24)
    target_precompile_headers(${name} REUSE_FROM skillbox_pch_core)
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
