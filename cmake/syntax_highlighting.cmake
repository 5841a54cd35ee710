# KSyntaxHighlighting for Qt 6: the distribution's where it has one (Debian 13), else what
# syntax_highlighting.sh built outside of the build tree. Without either the desktop's texts are
# plain, and its About says so.
set(cache_home $ENV{XDG_CACHE_HOME})
if(NOT cache_home)
    set(cache_home $ENV{HOME}/.cache)
endif()
set(SKILLBOX_SYNTAX_PREFIX ${cache_home}/skillbox/syntax-highlighting-5.116.0 CACHE PATH
    "Where syntax_highlighting.sh installed KSyntaxHighlighting")
find_package(KF6SyntaxHighlighting QUIET)
if(NOT TARGET KF6::SyntaxHighlighting)
    find_package(KF5SyntaxHighlighting QUIET PATHS ${SKILLBOX_SYNTAX_PREFIX} NO_DEFAULT_PATH)
endif()
# The distribution's own KF5 is linked to Qt 5, which must not come into one process with Qt 6.
foreach(syntax KF6::SyntaxHighlighting KF5::SyntaxHighlighting)
    if(TARGET ${syntax})
        get_target_property(links ${syntax} INTERFACE_LINK_LIBRARIES)
        if(links MATCHES "Qt5::")
            message(FATAL_ERROR "${syntax} is linked to Qt 5; set SKILLBOX_SYNTAX_PREFIX to one for Qt 6.")
        endif()
        set(SKILLBOX_HAS_SYNTAX ON)
    endif()
endforeach()
if(NOT SKILLBOX_HAS_SYNTAX)
    message(WARNING "KSyntaxHighlighting for Qt 6 was not found: the desktop shows source without "
        "colours. ./dev setup --desktop builds it.")
endif()
