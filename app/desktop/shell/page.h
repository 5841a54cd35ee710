#pragma once

#include "app/desktop/palette/command_palette.h"
#include "app/desktop/theme/theme.h"

#include <QJsonObject>
#include <QWidget>

#include <functional>

namespace skillbox {

class DesktopSession;
class CommandRegistry;
class Notifications;
class Navigation;
class Settings;

/// What every page may use of the window.
struct Desk {
    DesktopSession &session;
    CommandRegistry &commands;
    Notifications &notifications;
    Navigation &navigation;
    Settings &settings;
};

/// One of the window's pages. It is made when it is first shown, or else soon after the start, and
/// fills itself when it is first shown.
class Page : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;
    /// Comes to the front: takes the focus where its work is, loads what it does not have.
    virtual void activate() { }
    virtual void applyTheme(const Theme &theme) = 0;
    /// What the palette finds on it beside the registered commands.
    virtual QList<PaletteEntry> paletteEntries() { return {}; }
    /// Its own part of the saved state of the window.
    virtual QJsonObject saveState() const { return {}; }
    virtual void restoreState(const QJsonObject &) { }
    /// False: there is unsaved work and the person wants to stay.
    virtual bool mayClose() { return true; }
};

/// Makes a page when it is its turn.
using PageMaker = std::function<Page *()>;

} // namespace skillbox
