# Where things go: programs that people start in bin, those that only our programs start in
# libexec/skillbox, where they look for them (engine/engine_config.cpp, app/cli/serve.cpp).
include(GNUInstallDirs)

# Not CMAKE_INSTALL_LIBEXECDIR: the programs look beside their own folder and nowhere else.
set(helpers libexec/skillbox)
install(TARGETS skillbox RUNTIME DESTINATION bin COMPONENT tools)
install(TARGETS skillbox-sandbox skillbox-container-init RUNTIME DESTINATION ${helpers} COMPONENT tools)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT tools)
if(TARGET skillbox-server)
    install(TARGETS skillbox-server RUNTIME DESTINATION bin COMPONENT tools)
endif()

# Key rings are where desktops are.
if(TARGET skillbox-desktop AND TARGET skillbox-keychain)
    install(TARGETS skillbox-keychain RUNTIME DESTINATION ${helpers} COMPONENT desktop)
endif()

if(TARGET skillbox-desktop)
    set(desktop_files ${PROJECT_SOURCE_DIR}/installers/desktop)
    install(TARGETS skillbox-desktop RUNTIME DESTINATION bin COMPONENT desktop)
    install(TARGETS skillbox-preview RUNTIME DESTINATION ${helpers} COMPONENT desktop)
    install(FILES ${desktop_files}/skillbox-desktop.desktop
        DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT desktop)
    install(FILES ${desktop_files}/skillbox-desktop.metainfo.xml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT desktop)
    install(FILES ${desktop_files}/skillbox-desktop.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT desktop)
    set(icon_theme ${CMAKE_INSTALL_DATADIR}/icons/hicolor)
    install(FILES ${desktop_files}/icons/skillbox-desktop.svg
        DESTINATION ${icon_theme}/scalable/apps COMPONENT desktop)
    foreach(size 16 22 24 32 48 64 128 256)
        install(FILES ${desktop_files}/icons/skillbox-desktop-${size}.png
            DESTINATION ${icon_theme}/${size}x${size}/apps RENAME skillbox-desktop.png COMPONENT desktop)
    endforeach()
endif()
